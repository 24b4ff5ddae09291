import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { isoText } from "../rows.ts";
import { predictedCost } from "./advise.ts";
import { type AdviceList, type AdviceRow, defaultRules, type Simulation } from "./contract.ts";
import { lackOf, loadOf } from "./room.ts";
import { roomsOf } from "./store.ts";

const shown = 200;

interface Counted extends Omit<AdviceRow, "copySeconds" | "pauseMs"> {
  total: number;
  totalDue: number;
}

/** Tenants that should live elsewhere, those that have waited longest first and no more than 200 of them. */
export async function listAdvice(actor: Actor, { database }: { database?: string | undefined }): Promise<AdviceList> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<Counted>(
    `SELECT *, count(*) OVER ()::int AS total, (count(*) FILTER (WHERE due) OVER ())::int AS "totalDue"
       FROM (SELECT t.id AS "tenantId", t.name, d.id AS "databaseId", d.name AS "databaseName", p.tier AS "from", t.advised_tier AS "to",
                    t.advice_reason AS reason, ${isoText("greatest(t.advised_since, t.created_at)")} AS since,
                    t.advised_since <= now() - make_interval(days => coalesce(r.days, ${defaultRules.days})) AS due,
                    t.size_bytes::text AS "sizeBytes", t.write_share AS "writeShare", t.advised_since
               FROM tenants t
               JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
               JOIN databases d ON d.id = p.database_id
               LEFT JOIN advice_rules r ON r.database_id = t.home_database_id
              WHERE t.advised_tier IS NOT NULL AND ($1::uuid IS NULL OR d.id = $1)) AS advised
      ORDER BY advised_since, "tenantId"
      LIMIT ${shown}`,
    [database ?? null],
  );
  return {
    total: rows[0]?.total ?? 0,
    due: rows[0]?.totalDue ?? 0,
    rows: rows.map(({ total: _, totalDue: __, ...row }) => ({
      ...row,
      ...predictedCost(row.from, row.to, Number(row.sizeBytes ?? 0)),
    })),
  };
}

/** What the databases that answer would hold if these tenants moved as advised. Nothing is changed. */
export async function simulateAdvice(actor: Actor, { tenants }: { tenants: readonly string[] }): Promise<Simulation> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<{
    databaseId: string;
    name: string;
    shared: string;
    leaving: string;
    arriving: string;
    into: number;
    out: number;
  }>(
    `SELECT d.id AS "databaseId", d.name,
            coalesce(sum(t.size_bytes) FILTER (WHERE p.tier = 'shared'), 0)::text AS shared,
            coalesce(sum(t.size_bytes) FILTER (WHERE p.tier = 'shared' AND t.id = ANY ($1) AND t.advised_tier <> 'shared'), 0)::text AS leaving,
            (SELECT coalesce(sum(a.size_bytes), 0)
               FROM tenants a JOIN placements q ON q.tenant_id = a.id AND q.state = 'open' AND q.tier <> 'shared'
              WHERE a.id = ANY ($1) AND a.advised_tier = 'shared' AND a.home_database_id = d.id)::text AS arriving,
            (count(*) FILTER (WHERE p.tier = 'shared' AND t.id = ANY ($1) AND t.advised_tier = 'schema'))::int AS "into",
            (count(*) FILTER (WHERE p.tier = 'schema' AND t.id = ANY ($1) AND t.advised_tier <> 'schema'))::int AS "out"
       FROM placements p
       JOIN tenants t ON t.id = p.tenant_id
       JOIN databases d ON d.id = p.database_id
      WHERE p.state = 'open'
        AND p.database_id IN (SELECT database_id FROM placements WHERE tenant_id = ANY ($1) AND state = 'open'
                               UNION SELECT home_database_id FROM tenants WHERE id = ANY ($1))
      GROUP BY d.id
      ORDER BY d.name`,
    [tenants],
  );
  const { rooms, silent } = await roomsOf(rows.map(({ databaseId }) => databaseId));
  const databases = rows.flatMap(({ databaseId, name, shared, leaving, arriving, into, out }) => {
    const room = rooms.get(databaseId);
    if (!room) return [];
    const { limits, tablesEach } = room;
    const added = (into - out) * tablesEach;
    const after = loadOf(limits, added);
    return [
      {
        databaseId,
        name,
        sharedBytes: shared,
        leavingBytes: leaving,
        arrivingBytes: arriving,
        shrinks: Number(shared) === 0 ? 0 : Number(leaving) / Number(shared),
        tablesBefore: limits.tables,
        tablesAfter: after.tables,
        lockableTables: limits.lockableTables,
        catalogBytesAfter: after.catalogBytes,
        bufferBytes: limits.bufferBytes,
        memoryPerConnection: after.memory / limits.connections,
        connections: limits.connections,
        cacheBytes: limits.cacheBytes,
        lack: lackOf(limits, added),
      },
    ];
  });
  return { tenants: tenants.length, databases, silent };
}
