import { controlPool } from "../control.ts";

/** A place that a tenant has or had. */
export interface TenantPlace {
  tenantId: string;
  /** The tenant's key. */
  tenant: string;
  /** Whether it lives there now. */
  lives: boolean;
  tier: "shared" | "schema" | "database";
  databaseId: string;
  database: string;
  schema: string;
}

/** Of tenants that this database lists, or that live or lived in it, every place in which they live or lived. */
export async function placesOf(keys: readonly string[], databaseId: string): Promise<TenantPlace[]> {
  const { rows } = await controlPool().query<TenantPlace>(
    `SELECT t.id AS "tenantId", t.key AS tenant, p.state IN ('open', 'fenced') AS lives, p.tier,
            p.database_id AS "databaseId", d.name AS database, p.schema
       FROM tenants AS t
       JOIN placements AS p ON p.tenant_id = t.id
       JOIN databases AS d ON d.id = p.database_id
      WHERE t.key = ANY ($1::text[])
        AND (t.home_database_id::text = $2
             OR EXISTS (SELECT FROM placements AS q WHERE q.tenant_id = t.id AND q.database_id::text = $2))
      ORDER BY p.opened_at, p.id`,
    [keys, databaseId],
  );
  return rows;
}

/** Whether any tenant that lived in a database lives elsewhere now, or nowhere. */
export async function anyoneLeft(databaseId: string): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    "SELECT FROM placements WHERE database_id::text = $1 AND state IN ('moved', 'dropped') LIMIT 1",
    [databaseId],
  );
  return rowCount === 1;
}
