import type { PathStep, TenantSource } from "./capture/tenant.ts";

/** What an administrator confirmed about whose a table's rows are. */
interface Owned {
  schema: string;
  name: string;
  class: string;
  tenantColumn: string | null;
  tenantPath: PathStep[];
  tenantConstant: string | null;
}

/** How a row of the table tells its tenant; null where it does not. `has` says which columns the table has now. */
export function tenantSourceOf(
  table: Owned,
  all: readonly Owned[],
  tenantsTable: { schema: string; table: string; key: string } | null,
  has: (column: string) => boolean,
): TenantSource | null {
  if (table.tenantColumn !== null && has(table.tenantColumn)) {
    const self =
      tenantsTable?.schema === table.schema &&
      tenantsTable.table === table.name &&
      tenantsTable.key === table.tenantColumn;
    return { kind: self ? "self" : "column", column: table.tenantColumn };
  }
  if (table.tenantConstant !== null) return { kind: "constant", key: table.tenantConstant };
  const last = table.tenantPath.at(-1);
  const end = last && all.find((one) => one.schema === last.schema && one.name === last.table);
  if (table.class !== "child" || !end?.tenantColumn || !table.tenantPath[0]?.columns.every(has)) return null;
  return { kind: "path", steps: table.tenantPath, column: end.tenantColumn };
}
