import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";

/** A database that can take a tenant's own schema. */
export interface SchemaHost {
  id: string;
  name: string;
  serverName: string;
}

/** SQL: whether the database `d` lists tenants, or did. */
export const listsTenants = `(d.tenants_table IS NOT NULL OR EXISTS (SELECT FROM tenants l WHERE l.home_database_id = d.id))`;

/** Where a schema of the tenant's own can be made: in the database that lists it, or in one that lists nobody and is nobody's own. */
export async function schemaHosts(actor: Actor, tenantId: string): Promise<SchemaHost[]> {
  authorise(actor, "databases.read");
  const { rows } = await controlPool().query<SchemaHost>(
    `SELECT d.id, d.name, s.name AS "serverName"
       FROM databases d JOIN servers s ON s.id = d.server_id
      WHERE d.adopted_at IS NOT NULL AND d.released_at IS NULL AND s.removed_at IS NULL
        AND (d.id = (SELECT home_database_id FROM tenants WHERE id = $1)
             OR d.own_tenant_key IS NULL AND NOT ${listsTenants})
      ORDER BY d.name, d.id`,
    [tenantId],
  );
  return rows;
}
