import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";

/** The tenants, of whatever database, that have exactly this id, key or slug; twenty at most. */
export async function tenantsCalled(actor: Actor, name: string): Promise<{ id: string }[]> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<{ id: string }>(
    `SELECT id FROM tenants WHERE key = $1
      UNION SELECT id FROM tenants WHERE slug = $1
      UNION SELECT id FROM tenants WHERE id::text = lower($1)
      ORDER BY id LIMIT 20`,
    [name],
  );
  return rows;
}
