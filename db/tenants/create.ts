import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import type { CreateTenant } from "./contract.ts";
import { tenantsTableOf } from "./form.ts";
import { insertManaged } from "./managed-row.ts";

export interface CreatedTenant {
  tenantId: string;
  key: string;
  name: string;
  slug: string | null;
}

/**
 * Creates a tenant in the shared tier: a row in the managed application's own tenants table, then its entry here.
 *
 * The application's row commits first: after a crash between the two, the next import of the tenants finds it there and
 * makes the entry. The other way round would leave an entry for a tenant that does not exist.
 *
 * @throws Refusal `invalid` with a message a column, `conflict` when a unique value is taken, `unsupported`.
 */
export async function createTenant(actor: Actor, input: CreateTenant): Promise<CreatedTenant> {
  authorise(actor, "tenants.write");
  const { table } = await tenantsTableOf(input.databaseId);
  const made = await insertManaged(actor, table, input, null);
  return await inControl(
    actor,
    async (_tx, client) => {
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO tenants (home_database_id, key, slug, name)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (home_database_id, key) DO UPDATE SET slug = excluded.slug, name = excluded.name
         RETURNING id`,
        [input.databaseId, made.key, made.slug, input.name],
      );
      const [tenant] = rows;
      if (!tenant) throw new Error("The tenant was not inserted.");
      await client.query(
        `INSERT INTO placements (tenant_id, tier, database_id, schema, state)
         VALUES ($1, 'shared', $2, $3, 'open')
         ON CONFLICT (tenant_id) WHERE state = 'open' DO NOTHING`,
        [tenant.id, input.databaseId, table.schema],
      );
      return { tenantId: tenant.id, key: made.key, name: input.name, slug: made.slug };
    },
    { reason: input.reason ?? null, tenantId: made.key },
  );
}
