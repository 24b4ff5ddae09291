import { eq } from "drizzle-orm";
import type pg from "pg";
import { control, controlPool } from "../../control.ts";
import { askAll, type Silent } from "../../fleet.ts";
import { adviceRules } from "../../schema/tenants.ts";
import { limits } from "../../transaction.ts";
import type { Tier } from "../contract.ts";
import { advise } from "./advise.ts";
import { type AdviceRules, defaultRules, type Room } from "./contract.ts";
import { readLimits } from "./limits.ts";

export async function rulesOf(databaseId: string): Promise<AdviceRules> {
  const [row] = await control().select().from(adviceRules).where(eq(adviceRules.databaseId, databaseId));
  if (!row) return defaultRules;
  const { sharedBytesMax, schemaBytesMax, writeShareMax, days } = row;
  return { sharedBytesMax, schemaBytesMax, writeShareMax, days };
}

/** The room of each database that answers. */
export async function roomsOf(databaseIds: readonly string[]): Promise<{ rooms: Map<string, Room>; silent: Silent[] }> {
  const { answers, silent } = await askAll(databaseIds, readLimits, limits.page.statement);
  const rooms = new Map<string, Room>();
  for (const { databaseId, value } of answers)
    rooms.set(databaseId, { limits: value, tablesEach: await tablesEach(databaseId) });
  return { rooms, silent };
}

/** The rooms by which those are judged that live in a database: of the databases that list them. */
export async function roomsFor(databaseId: string): Promise<Map<string, Room>> {
  const { rows } = await controlPool().query<{ id: string }>(
    `SELECT DISTINCT t.home_database_id AS id FROM placements p JOIN tenants t ON t.id = p.tenant_id
      WHERE p.database_id = $1 AND p.state = 'open'`,
    [databaseId],
  );
  return (await roomsOf(rows.map(({ id }) => id))).rooms;
}

/** Tables that a tenant of this database's shared tier would have of its own. */
async function tablesEach(databaseId: string): Promise<number> {
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
  homeDatabaseId: string;
  tier: Tier;
  sizeBytes: string | null;
  writes: string | null;
  writeShare: number | null;
  dedicated: boolean;
  /** Of the database that lists it, wherever it lives; null while nobody has set any. */
  rules: AdviceRules | null;
}

/**
 * Works out where each tenant that lives in a database should live, by the rules and the room of the database that lists it; where that
 * one did not answer, the advice stays. What stays advised keeps the time since when, so that it can be asked to last. Runs in the
 * caller's transaction.
 */
export async function storeAdvice(
  client: pg.PoolClient,
  databaseId: string,
  rooms: ReadonlyMap<string, Room>,
): Promise<number> {
  const { rows } = await client.query<Row>(
    `SELECT t.id, t.home_database_id AS "homeDatabaseId", p.tier, t.size_bytes::text AS "sizeBytes", t.writes::text AS writes, t.dedicated,
            CASE WHEN p.database_id = t.home_database_id THEN t.write_share
                 ELSE t.writes / nullif(t.writes + (SELECT coalesce(sum(o.writes), 0)::float8
                                                      FROM placements q JOIN tenants o ON o.id = q.tenant_id
                                                     WHERE q.database_id = t.home_database_id AND q.state = 'open'), 0)
            END AS "writeShare",
            CASE WHEN r.database_id IS NOT NULL
                 THEN json_build_object('sharedBytesMax', r.shared_bytes_max, 'schemaBytesMax', r.schema_bytes_max,
                                        'writeShareMax', r.write_share_max, 'days', r.days) END AS rules
       FROM placements p
       JOIN tenants t ON t.id = p.tenant_id
       LEFT JOIN advice_rules r ON r.database_id = t.home_database_id
      WHERE p.database_id = $1 AND p.state = 'open' AND t.status <> 'archived'`,
    [databaseId],
  );
  const judged = rows.flatMap(({ homeDatabaseId, ...row }) => {
    const room = rooms.get(homeDatabaseId);
    return room ? [{ ...row, room }] : [];
  });
  const advised = judged.flatMap(({ id, rules, room, ...row }) => {
    const facts = {
      ...row,
      sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
      writes: row.writes === null ? null : Number(row.writes),
    };
    const advice = advise(facts, rules ?? defaultRules, room);
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
      WHERE p.tenant_id = t.id AND p.database_id = $1 AND p.state = 'open' AND t.home_database_id = ANY ($6)
        AND (t.advised_tier, t.advice_reason) IS DISTINCT FROM (advice.tier, advice.reason)`,
    [
      databaseId,
      advised.map(({ id }) => id),
      advised.map(({ tier }) => tier),
      advised.map(({ reason }) => reason),
      advised.map(({ atOnce }) => atOnce),
      [...rooms.keys()],
    ],
  );
  return advised.length;
}
