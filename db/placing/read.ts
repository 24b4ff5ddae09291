import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { type Choice, chooseServer } from "./choose.ts";
import { type PlacementPolicy, pressureOf, type ServerCapacity, type ServerStanding } from "./contract.ts";

// Load: by how much the statements' running time grew between the newest sample and the oldest of the hour before it.
const standingSql = `
SELECT s.id, s.name, s.region, s.disk_bytes::float8 AS "diskBytes", s.cores, s.moves_at_once AS "movesAtOnce",
       last.used_bytes::float8 AS "usedBytes",
       to_char(last.sampled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "sampledAt",
       coalesce(last.sampled_at < now() - interval '15 minutes', false) AS silent,
       CASE WHEN first.active_ms <= last.active_ms
            THEN (last.active_ms - first.active_ms) / 1000 / extract(epoch FROM last.sampled_at - first.sampled_at)::float8
       END AS load,
       (SELECT count(*)::int FROM databases d WHERE d.server_id = s.id AND d.adopted_at IS NOT NULL AND d.released_at IS NULL) AS databases,
       (SELECT count(*)::int FROM placements p JOIN databases d ON d.id = p.database_id
         WHERE d.server_id = s.id AND p.state = 'open') AS tenants
  FROM servers s
  LEFT JOIN LATERAL (SELECT * FROM server_samples one WHERE one.server_id = s.id ORDER BY sampled_at DESC LIMIT 1) AS last ON true
  LEFT JOIN LATERAL (SELECT * FROM server_samples one
                      WHERE one.server_id = s.id AND one.sampled_at < last.sampled_at AND one.sampled_at > last.sampled_at - interval '70 minutes'
                      ORDER BY sampled_at LIMIT 1) AS first ON true
 WHERE s.removed_at IS NULL
 ORDER BY s.name, s.id`;

/** Every server with what it can bear and what it bore; from the control database alone. */
export async function readServers(actor: Actor): Promise<ServerStanding[]> {
  authorise(actor, "databases.read");
  const { rows } = await controlPool().query<ServerCapacity & { databases: number; tenants: number }>(standingSql);
  return rows.map((row) => ({ ...row, pressure: pressureOf(row) }));
}

export interface ApplicationPolicy extends PlacementPolicy {
  homeDatabaseId: string;
  databaseName: string;
  /** Null while nobody has said anything. */
  setBy: string | null;
}

/** The policy of every application, by the database that lists its tenants. */
export async function readPolicies(actor: Actor): Promise<ApplicationPolicy[]> {
  authorise(actor, "databases.read");
  const { rows } = await controlPool().query<ApplicationPolicy>(
    `SELECT d.id AS "homeDatabaseId", d.name AS "databaseName", coalesce(p.kind, 'least_loaded') AS kind, p.region,
            p.server_id AS "serverId", p.set_by AS "setBy"
       FROM databases d
       LEFT JOIN placement_policies p ON p.home_database_id = d.id
      WHERE d.adopted_at IS NOT NULL AND d.released_at IS NULL AND d.own_tenant_key IS NULL
      ORDER BY d.name, d.id`,
  );
  return rows;
}

/** The server on which a tenant of this application belongs that gets a database of its own, and why. */
export async function choosePlace(
  actor: Actor,
  homeDatabaseId: string,
  wanted: { bytes?: number; residency?: string | null } = {},
): Promise<Choice> {
  const policy = (await readPolicies(actor)).find((one) => one.homeDatabaseId === homeDatabaseId);
  if (!policy) throw new Refusal("not_found", "No adopted database has this id.", { fix: "Reload the list." });
  return chooseServer(
    policy,
    { bytes: wanted.bytes ?? 0, load: 0, residency: wanted.residency ?? null },
    await readServers(actor),
  );
}
