import { eq } from "drizzle-orm";
import type pg from "pg";
import { control, controlPool } from "../../control.ts";
import { withDatabase } from "../../fleet.ts";
import { adviceRules } from "../../schema/tenants.ts";
import type { Tier } from "../contract.ts";
import { advise } from "./advise.ts";
import { type AdviceRules, defaultRules, type ServerLimits } from "./contract.ts";
import { readLimits } from "./limits.ts";

export async function rulesOf(databaseId: string): Promise<AdviceRules> {
  const [row] = await control().select().from(adviceRules).where(eq(adviceRules.databaseId, databaseId));
  if (!row) return defaultRules;
  const { sharedBytesMax, schemaBytesMax, writeShareMax, days } = row;
  return { sharedBytesMax, schemaBytesMax, writeShareMax, days };
}

export async function limitsOf(databaseId: string): Promise<ServerLimits> {
  return await withDatabase(databaseId, readLimits);
}

/** Tables that a tenant of this database's shared tier would have of its own. */
export async function tablesEach(databaseId: string): Promise<number> {
  const { rows } = await controlPool().query<{ tables: number }>(
    `SELECT count(*)::int AS tables FROM managed_tables m
      WHERE m.database_id = $1 AND m.class IN ('tenant', 'child') AND m.tenant_constant IS NULL
        AND NOT EXISTS (SELECT FROM placements o WHERE o.database_id = m.database_id AND o.tier = 'schema' AND o.schema = m.schema)`,
    [databaseId],
  );
  return rows[0]?.tables ?? 0;
}

interface Row {
  id: string;
  tier: Tier;
  sizeBytes: string | null;
  writes: string | null;
  writeShare: number | null;
  dedicated: boolean;
  /** Of the database that lists it, wherever it lives; null while nobody has set any. */
  rules: AdviceRules | null;
}

/**
 * Works out where each tenant that lives in a database should live, by the rules of the database that lists it. What stays advised keeps the time since when, so that it can be asked to
 * last. Runs in the caller's transaction.
 */
export async function storeAdvice(
  client: pg.PoolClient,
  databaseId: string,
  { limits, each }: { limits: ServerLimits; each: number },
): Promise<number> {
  const { rows } = await client.query<Row>(
    `SELECT t.id, p.tier, t.size_bytes::text AS "sizeBytes", t.writes::text AS writes, t.write_share AS "writeShare", t.dedicated,
            CASE WHEN r.database_id IS NOT NULL
                 THEN json_build_object('sharedBytesMax', r.shared_bytes_max, 'schemaBytesMax', r.schema_bytes_max,
                                        'writeShareMax', r.write_share_max, 'days', r.days) END AS rules
       FROM placements p
       JOIN tenants t ON t.id = p.tenant_id
       LEFT JOIN advice_rules r ON r.database_id = t.home_database_id
      WHERE p.database_id = $1 AND p.state = 'open' AND t.status <> 'archived'`,
    [databaseId],
  );
  const advised = rows.flatMap(({ id, rules, ...row }) => {
    const facts = {
      ...row,
      sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
      writes: row.writes === null ? null : Number(row.writes),
    };
    const advice = advise(facts, rules ?? defaultRules, limits, each);
    return advice ? [{ id, ...advice }] : [];
  });
  await client.query(
    `UPDATE tenants t
        SET advised_tier = advice.tier, advice_reason = advice.reason,
            advised_since = CASE WHEN advice.tier IS NULL THEN NULL
                                 WHEN t.advised_tier = advice.tier THEN coalesce(t.advised_since, now())
                                 WHEN advice.at_once THEN now() - interval '100 years'
                                 ELSE now() END
       FROM placements p
       LEFT JOIN unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[]) AS advice (id, tier, reason, at_once)
              ON advice.id = p.tenant_id
      WHERE p.tenant_id = t.id AND p.database_id = $1 AND p.state = 'open'
        AND (t.advised_tier, t.advice_reason) IS DISTINCT FROM (advice.tier, advice.reason)`,
    [
      databaseId,
      advised.map(({ id }) => id),
      advised.map(({ tier }) => tier),
      advised.map(({ reason }) => reason),
      advised.map(({ atOnce }) => atOnce),
    ],
  );
  return advised.length;
}
