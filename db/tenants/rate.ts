import type pg from "pg";
import { withDatabase } from "../fleet.ts";
import { limits } from "../transaction.ts";

export interface Rate {
  key: string;
  writes: number;
  lastAt: string;
}

/** What each tenant wrote in the last day, by the database's own log; none where nothing is captured. */
export async function readRates(databaseId: string): Promise<Rate[]> {
  return await withDatabase(
    databaseId,
    async (client) => {
      const { rows: known } = await client.query<{ there: boolean }>(
        "SELECT to_regclass('caretaker.audit_logs') IS NOT NULL AS there",
      );
      if (!known[0]?.there) return [];
      const { rows } = await client.query<{ key: string; writes: string; lastAt: string }>(
        `SELECT tenant_id AS key, count(*)::text AS writes, max(created_at)::text AS "lastAt"
           FROM caretaker.audit_logs
          WHERE created_at > now() - interval '1 day' AND tenant_id IS NOT NULL AND resource_type IS NOT NULL
          GROUP BY tenant_id`,
      );
      return rows.map(({ key, writes, lastAt }) => ({ key, writes: Number(writes), lastAt }));
    },
    { limits: limits.long },
  );
}

/** Runs in the caller's transaction. Who wrote nothing has a rate of none, and keeps the time of the last write. */
export async function storeRates(client: pg.PoolClient, databaseId: string, rates: readonly Rate[]): Promise<void> {
  await client.query(
    `UPDATE tenants t
        SET writes = coalesce(rate.writes, 0),
            write_share = coalesce(rate.writes, 0) / nullif(sum.writes, 0),
            last_active_at = greatest(t.last_active_at, rate.last_at),
            rated_at = now()
       FROM placements p
       LEFT JOIN (SELECT * FROM unnest($2::text[], $3::bigint[], $4::timestamptz[]) AS r (key, writes, last_at)) AS rate
              ON rate.key = (SELECT key FROM tenants WHERE id = p.tenant_id)
      CROSS JOIN (SELECT coalesce(sum(writes), 0)::float8 AS writes FROM unnest($3::bigint[]) AS writes) AS sum
      WHERE p.tenant_id = t.id AND p.database_id = $1 AND p.state = 'open'`,
    [databaseId, rates.map(({ key }) => key), rates.map(({ writes }) => writes), rates.map(({ lastAt }) => lastAt)],
  );
}
