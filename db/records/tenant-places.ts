import { controlPool } from "../control.ts";
import { tenantSourceOf } from "../managed/tenant-source.ts";
import type { NamedTable } from "../schema/fleet.ts";
import type { ManagedTable } from "./managed.ts";

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

export async function tenantsTableOf(databaseId: string): Promise<NamedTable | null> {
  const { rows } = await controlPool().query<{ tenantsTable: NamedTable | null }>(
    `SELECT tenants_table AS "tenantsTable" FROM databases WHERE id::text = $1`,
    [databaseId],
  );
  return rows[0]?.tenantsTable ?? null;
}

/** The list of tenants stays where it is when a tenant moves. Rows that tell no tenant are in the log with the tenant for which somebody worked. */
export type Ownership = "the list" | "the tenant's" | "nobody's";

export function ownership(
  table: ManagedTable | null,
  all: readonly ManagedTable[],
  tenantsTable: NamedTable | null,
  has: (column: string) => boolean,
): Ownership {
  if (!table || table.class === "ignored") return "nobody's";
  const source = tenantSourceOf(table, all, tenantsTable, has);
  if (source === null) return "nobody's";
  return source.kind === "self" ? "the list" : "the tenant's";
}
