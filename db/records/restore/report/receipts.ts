import type pg from "pg";
import type { RestoredRow } from "../contract.ts";

/** Receipts in their order, after one of them. */
export async function readReceipts(
  client: pg.ClientBase,
  restore: string,
  after: number,
  limit: number,
): Promise<RestoredRow[]> {
  const { rows } = await client.query<RestoredRow>(
    `SELECT n::int AS n, act, origin, schema_name AS schema, table_name AS "table", record, entry_id::text AS entry,
            encode(before_hash, 'hex') AS before, encode(row_hash, 'hex') AS after,
            coalesce(changed, '{}') AS changed, coalesce(differing, '{}') AS differing, ${iso("done_at")} AS "doneAt", ${iso("undone_at")} AS "undoneAt"
       FROM caretaker.restored_rows WHERE restore_id = $1 AND n > $2 ORDER BY n LIMIT $3`,
    [restore, after, limit],
  );
  return rows;
}

function iso(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
