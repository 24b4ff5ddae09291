import type pg from "pg";
import { Values } from "./conditions.ts";
import { type Asked, type DeletionRow, marksOf } from "./who-deleted-find.ts";

/** The entry by which a deleted row came back. */
export interface Return {
  id: string;
  /** ISO 8601, UTC, microseconds. */
  at: string;
  /** create: a row with the same key was made. update: the mark was taken off. */
  action: string;
}

/**
 * For each deletion, by its entry's id, how the record came back afterwards, where it did. OFFSET 0 keeps the planner from reading
 * the log on from the deletion until it meets the record.
 */
export async function returnsOf(
  client: pg.PoolClient,
  asked: Pick<Asked, "softColumns">,
  deletions: readonly Pick<DeletionRow, "id" | "at" | "schema" | "table" | "record">[],
): Promise<Map<string, Return>> {
  const keyed = deletions.filter(({ record }) => record !== null);
  if (keyed.length === 0) return new Map();
  const values = new Values();
  const columns = ["id", "at", "schema", "table", "record"] as const;
  const lists = columns.map((column) => values.add(keyed.map((row) => row[column])));
  const { rows } = await client.query<Return & { deletion: string }>(
    `SELECT gone.id::text AS deletion, back.id::text AS id, back.action,
            to_char(back.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
       FROM unnest(${lists[0]}::bigint[], ${lists[1]}::timestamptz[], ${lists[2]}::text[], ${lists[3]}::text[], ${lists[4]}::text[])
              AS gone (id, at, schema, name, record)
      CROSS JOIN LATERAL (
        SELECT * FROM (
          SELECT created_at, id, action FROM caretaker.audit_logs
         WHERE resource_id = gone.record AND resource_type = gone.name AND resource_schema = gone.schema
           AND created_at >= gone.at AND (created_at, id) > (gone.at, gone.id)
           AND (action = 'create' OR action = 'update' AND EXISTS (
                  SELECT FROM unnest(${values.add(marksOf(asked))}::text[]) AS mark
                   WHERE changes ? mark AND coalesce(changes ->> mark, 'false') = 'false'))
          OFFSET 0) AS log
         ORDER BY created_at, id LIMIT 1) AS back`,
    values.list,
  );
  return new Map(rows.map(({ deletion, ...back }) => [deletion, back]));
}
