import type pg from "pg";
import type { TableName } from "../managed/foreign-keys.ts";
import { holdsTable } from "./cold/archives.ts";
import type { Archived } from "./cold/log.ts";
import { coldSides } from "./cold/record-at.ts";
import { byAge } from "./newest.ts";

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
  /** Archived months that may tell otherwise and were not read. */
  unread: string[];
}

/** An entry as far as it tells how a record stood. Row images are JSON text. */
export interface Telling {
  id: string;
  at: string;
  action: string;
  /** Whether it is about the record's own key; else it gave the record this key. */
  own: boolean;
  /** Whether the record had another key from then on. */
  left: boolean;
  /** The row before, and as it left it. */
  before: string | null;
  after: string | null;
}

/** The last entry about a record up to a moment, and the next one after it. */
export interface Sides {
  last: Telling | null;
  next: Telling | null;
}

const nothing: Sides = { last: null, next: null };

const stamp = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const ofRecord = `(log.resource_id = asked.record OR log.metadata ? 'new_key' AND log.metadata ->> 'new_key' = asked.record)
            AND log.resource_type = asked.name AND log.resource_schema = asked.schema
            AND log.action IN ('create', 'update', 'delete')`;

/**
 * How records stood at a moment, in their order, as the log and the archived months that are read tell. An entry's own record is
 * asked for with that entry's id, and is then as after it. Without a client, as the archived months tell alone.
 */
export async function imagesAt(
  client: pg.PoolClient | null,
  records: readonly (TableName & { record: string })[],
  moment: Moment,
  { log, unread }: Archived,
): Promise<ImageAt[]> {
  if (records.length === 0) return [];
  const hot = client && (await sidesIn(client, records, moment));
  const cold = log && (await coldSides(log, records, moment));
  return records.map((_record, at) => {
    const [record] = records.slice(at);
    const unreadOf = unread.filter((archive) => !record || holdsTable(archive, record)).map(({ month }) => month);
    return imageOf(newerOf(hot?.[at] ?? nothing, cold?.[at]), moment, unreadOf);
  });
}

/** OFFSET 0: see returnsOf. */
async function sidesIn(
  client: pg.PoolClient,
  records: readonly (TableName & { record: string })[],
  moment: Moment,
): Promise<Sides[]> {
  const { rows } = await client.query<Sides>(
    `SELECT ${telling("last")} AS last, ${telling("next")} AS next
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
      moment.id ?? String(lastId),
    ],
  );
  return rows;
}

export const lastId = 2n ** 63n - 1n;

function telling(entry: "last" | "next"): string {
  return `CASE WHEN ${entry}.id IS NOT NULL THEN json_build_object(
              'id', ${entry}.id::text, 'at', ${stamp(`${entry}.created_at`)}, 'action', ${entry}.action,
              'own', ${entry}.resource_id = asked.record,
              'left', coalesce(${entry}.resource_id = asked.record AND ${entry}.metadata ->> 'new_key' <> asked.record, false),
              'before', ${entry}.old_values::text,
              'after', (CASE ${entry}.action WHEN 'create' THEN ${entry}.new_values
                                             WHEN 'update' THEN ${entry}.old_values || ${entry}.changes END)::text) END`;
}

/** Of two readings, the later of what came before and the earlier of what came after. */
function newerOf(one: Sides, other: Sides | undefined): Sides {
  const pick = (side: keyof Sides, sign: 1 | -1) => {
    const [a, b] = [one[side], other?.[side] ?? null];
    return a === null || b === null ? (a ?? b) : byAge(a, b) * sign > 0 ? a : b;
  };
  return { last: pick("last", 1), next: pick("next", -1) };
}

function imageOf({ last, next }: Sides, moment: Moment, unread: readonly string[]): ImageAt {
  const known = { entry: placeOf(last), next: placeOf(next), unread: doubted(last, next, moment, unread) };
  if (last === null && next === null) return { state: "unrecorded", values: null, former: null, ...known };
  const values = last === null ? (next?.own ? next.before : null) : last.left ? null : last.after;
  const former = last?.action === "delete" ? last.before : null;
  return { state: values === null ? "gone" : "exists", values, former, ...known };
}

/** Archived months that were not read, and may hold an entry between the moment and what tells how the record stood. */
function doubted(last: Telling | null, next: Telling | null, moment: Moment, unread: readonly string[]): string[] {
  const month = moment.at.slice(0, 7);
  if (last !== null) return unread.filter((one) => one >= last.at.slice(0, 7) && one <= month);
  return unread.filter((one) => next === null || (one >= month && one <= next.at.slice(0, 7)));
}

function placeOf(entry: Telling | null): ImageAt["entry"] {
  return entry && { id: entry.id, at: entry.at, action: entry.action };
}
