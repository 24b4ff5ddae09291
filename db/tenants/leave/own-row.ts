import pg from "pg";
import type { LivingTenant, TenantTable } from "./tables.ts";

/** The row that lists the tenant, in the database that lists it. */
export function ownRow({ tenantsTable, key }: LivingTenant): TenantTable {
  return {
    schema: tenantsTable.schema,
    name: tenantsTable.table,
    condition: `caretaker_row.${pg.escapeIdentifier(tenantsTable.key)}::text = ${pg.escapeLiteral(key)}`,
  };
}
