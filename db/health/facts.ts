import type pg from "pg";
import type { Facts } from "./check.ts";

/** Asked first, alone: a database that cannot answer this is away. */
export async function readFacts(client: pg.PoolClient, databaseId: string): Promise<Facts> {
  const { rows } = await client.query<Omit<Facts, "databaseId">>(
    `SELECT current_setting('server_version_num')::int AS version,
            current_setting('server_version') AS "versionText",
            pg_has_role('pg_read_all_stats', 'USAGE') AS "readsActivity",
            (SELECT count(*)::int FROM pg_stat_replication) AS standbys,
            pg_is_in_recovery() AS "inRecovery",
            to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`,
  );
  const [facts] = rows;
  if (!facts) throw new Error("The server did not say who it is.");
  return { databaseId, ...facts };
}
