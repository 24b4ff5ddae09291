import type pg from "pg";
import { controlPool } from "../../control.ts";

/** From now on these entries count as erased. In the caller's transaction in the control database. */
export async function planEntries(
  client: pg.ClientBase,
  databaseId: string,
  ids: readonly string[],
  erasure: string,
): Promise<void> {
  await client.query(
    `INSERT INTO erased_entries (database_id, entry_id, job_id) SELECT $1, unnest($2::bigint[]), $3
     ON CONFLICT (database_id, entry_id) DO UPDATE SET job_id = excluded.job_id`,
    [databaseId, ids, erasure],
  );
}

/** The entries of one erasure, by their ids. */
export async function plannedIds(databaseId: string, erasure: string): Promise<string[]> {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT entry_id::text AS id FROM erased_entries WHERE database_id = $1 AND job_id = $2 ORDER BY entry_id",
    [databaseId, erasure],
  );
  return rows.map(({ id }) => id);
}
