import { type Actor, authorise } from "../actor.ts";
import { withDatabase } from "../fleet.ts";
import type { TenantConnection, TenantDetail } from "./contract.ts";

/**
 * Connections that are this tenant's, as far as they say so: all of its own database, those whose application_name holds its key or
 * slug as a word, and those whose statement names its own schema.
 */
export async function tenantConnections(actor: Actor, tenant: TenantDetail): Promise<TenantConnection[]> {
  authorise(actor, "tenants.read");
  const placement = tenant.placements.find(({ state }) => state === "open");
  if (!placement) return [];
  const marks = [tenant.key, ...(tenant.slug ? [tenant.slug] : [])];
  return await withDatabase(placement.databaseId, async (client) => {
    const { rows } = await client.query<TenantConnection>(
      `SELECT a.pid, a.application_name AS application, coalesce(a.usename::text, '') AS role, coalesce(a.state, 'unknown') AS state,
              left(a.query, 200) AS statement, round(extract(epoch FROM now() - a.state_change))::int AS seconds
         FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.application_name NOT LIKE 'caretaker%'
          AND a.backend_type = 'client backend'
          AND ($1 = 'database'
               OR regexp_split_to_array(a.application_name, '[^[:alnum:]_-]+') && $2::text[]
               OR ($1 = 'schema' AND strpos(a.query, $3) > 0))
        ORDER BY a.state = 'active' DESC, a.state_change
        LIMIT 20`,
      [placement.tier, marks, placement.schema],
    );
    return rows;
  });
}
