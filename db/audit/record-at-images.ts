import type pg from "pg";
import type { TableName } from "./names-as-of-keys.ts";

/** A moment in the log: a time, and with an entry's id the order within it. */
export interface Moment {
  /** ISO 8601. */
  at: string;
  /** The last entry that counts as having happened; null for all of that time. */
  id: string | null;
}

/** How a record stood at a moment, as far as the log knows. */
export interface ImageAt {
  /** exists: `values` is the row. gone: it was deleted, or did not exist yet. unrecorded: the log has no entry about it. */
  state: "exists" | "gone" | "unrecorded";
  /** The row as JSON, as PostgreSQL prints it. */
  values: string | null;
  /** Where it had been deleted by then: the row as it went. */
  former: string | null;
  /** The last entry up to the moment; null where only later ones tell how it stood. */
  entry: { id: string; at: string; action: string } | null;
  /** The next entry after the moment. */
  next: { id: string; at: string; action: string } | null;
}

interface Told {
  place: string;
  lastId: string | null;
  lastAt: string | null;
  lastAction: string | null;
  lastLeft: boolean | null;
  lastValues: string | null;
  lastFormer: string | null;
  nextId: string | null;
  nextAt: string | null;
  nextAction: string | null;
  nextValues: string | null;
}

const stamp = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const ofRecord = `(log.resource_id = asked.record OR log.metadata ? 'new_key' AND log.metadata ->> 'new_key' = asked.record)
            AND log.resource_type = asked.name AND log.resource_schema = asked.schema
            AND log.action IN ('create', 'update', 'delete')`;

/** How records stood at a moment, in their order. An entry's own record is asked for with that entry's id, and is then as after it. OFFSET 0: see returnsOf. */
export async function imagesAt(
  client: pg.PoolClient,
  records: readonly (TableName & { record: string })[],
  moment: Moment,
): Promise<ImageAt[]> {
  if (records.length === 0) return [];
  const { rows } = await client.query<Told>(
    `SELECT asked.place, last.id::text AS "lastId", ${stamp("last.created_at")} AS "lastAt", last.action AS "lastAction",
            last.resource_id = asked.record AND last.metadata ->> 'new_key' <> asked.record AS "lastLeft",
            (CASE last.action WHEN 'create' THEN last.new_values
                              WHEN 'update' THEN last.old_values || last.changes END)::text AS "lastValues",
            CASE last.action WHEN 'delete' THEN last.old_values END::text AS "lastFormer",
            next.id::text AS "nextId", ${stamp("next.created_at")} AS "nextAt", next.action AS "nextAction",
            CASE WHEN next.resource_id = asked.record THEN next.old_values::text END AS "nextValues"
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (schema, name, record, place)
       LEFT JOIN LATERAL (
         SELECT * FROM (
           SELECT log.* FROM caretaker.audit_logs AS log
            WHERE ${ofRecord} AND log.created_at <= $4::timestamptz AND (log.created_at, log.id) <= ($4::timestamptz, $5::bigint)
           OFFSET 0) AS log
          ORDER BY log.created_at DESC, log.id DESC LIMIT 1) AS last ON true
       LEFT JOIN LATERAL (
         SELECT * FROM (
           SELECT log.* FROM caretaker.audit_logs AS log
            WHERE ${ofRecord} AND log.created_at >= $4::timestamptz AND (log.created_at, log.id) > ($4::timestamptz, $5::bigint)
           OFFSET 0) AS log
          ORDER BY log.created_at, log.id LIMIT 1) AS next ON true
      ORDER BY asked.place`,
    [
      records.map(({ schema }) => schema),
      records.map(({ table }) => table),
      records.map(({ record }) => record),
      moment.at,
      moment.id ?? String(2n ** 63n - 1n),
    ],
  );
  return rows.map(imageOf);
}

function imageOf(told: Told): ImageAt {
  const entry = entryOf(told.lastId, told.lastAt, told.lastAction);
  const next = entryOf(told.nextId, told.nextAt, told.nextAction);
  if (entry === null && next === null) return { state: "unrecorded", values: null, former: null, entry, next };
  const values = entry === null ? told.nextValues : told.lastLeft === true ? null : told.lastValues;
  return { state: values === null ? "gone" : "exists", values, former: told.lastFormer, entry, next };
}

function entryOf(id: string | null, at: string | null, action: string | null): ImageAt["entry"] {
  return id === null || at === null || action === null ? null : { id, at, action };
}
