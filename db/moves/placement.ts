import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import type { PlacementQuery, TenantPlacement } from "./contract.ts";

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Where a tenant lives. A key that several databases list needs the database that lists it. @throws Refusal `not_found`, `conflict` */
export async function findPlacement(actor: Actor, { tenant, database }: PlacementQuery): Promise<TenantPlacement> {
  authorise(actor, "tenants.read");
  // Id and key have an index each, which one OR over both would make useless.
  const { rows } = await controlPool().query<TenantPlacement>(
    `SELECT t.key AS tenant, p.tier, s.host, s.port, d.name AS database, p.schema, t.status
       FROM tenants t
       JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
       JOIN databases d ON d.id = p.database_id
       JOIN servers s ON s.id = d.server_id
       JOIN databases h ON h.id = t.home_database_id
      WHERE t.id IN (SELECT id FROM tenants WHERE key = $1 UNION ALL SELECT id FROM tenants WHERE id = $3::uuid)
        AND ($2::text IS NULL OR h.name = $2 OR h.id::text = $2)
      LIMIT 2`,
    [tenant, database ?? null, uuid.test(tenant) ? tenant : null],
  );
  const [found] = rows;
  if (!found) {
    throw new Refusal("not_found", "No tenant with this id or key has a place.", {
      fix: "Check the key, and that the tenant was imported.",
    });
  }
  if (rows.length > 1) {
    throw new Refusal("conflict", "Several databases list a tenant with this key.", {
      fix: "Name the database that lists it: ?database=NAME.",
    });
  }
  return found;
}
