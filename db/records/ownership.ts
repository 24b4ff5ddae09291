import { controlPool } from "../control.ts";
import { tenantSourceOf } from "../managed/tenant-source.ts";
import type { ManagedTable } from "../managed-tables.ts";
import type { NamedTable } from "../schema/fleet.ts";

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
