import type { NamedTable } from "../../schema/fleet.ts";
import type { CatalogTable } from "../catalog.ts";
import type { TableModel } from "../contract.ts";
import { setAsideBecause } from "./set-aside.ts";
import { type TableKey, tableKey } from "./table-key.ts";
import { type TenantPath, tenantPaths, waysUp } from "./tenant-paths.ts";
import { tenantColumnOf } from "./tenants-table.ts";
import { squeezed } from "./words.ts";

/** What decides a table's class besides the catalog. */
export interface Tenancy {
  tenantsTable: NamedTable | null;
  /** Schemas that hold one tenant each, with that tenant's key. */
  tenantSchemas: ReadonlyMap<string, string>;
  /** The tenant that owns the whole database. */
  ownTenantKey: string | null;
}

export type TableClassing = Pick<TableModel, "class" | "reason" | "tenantColumn" | "tenantPath" | "tenantConstant"> & {
  otherPaths: string[];
};

const nothing = { tenantColumn: null, tenantPath: [], tenantConstant: null, otherPaths: [] };

/** The class of every table, with its reason in one sentence. */
export function classifyTables(tables: CatalogTable[], tenancy: Tenancy): Map<TableKey, TableClassing> {
  const classes = new Map<TableKey, TableClassing>();
  for (const table of tables) {
    const found = withoutPaths(table, tables, tenancy);
    if (found) classes.set(tableKey(table), found);
  }
  const ends = new Set([...classes].flatMap(([key, one]) => (one.class === "tenant" ? [key] : [])));
  const open = tables.filter((table) => !classes.has(tableKey(table)) || ends.has(tableKey(table)));
  const paths = tenantPaths(open, ends);
  for (const table of tables.filter((one) => !classes.has(tableKey(one)))) {
    classes.set(tableKey(table), byPath(table, paths.get(tableKey(table)), waysUp(table, ends, paths), tenancy));
  }
  return classes;
}

function withoutPaths(table: CatalogTable, tables: CatalogTable[], tenancy: Tenancy): TableClassing | null {
  const aside = setAsideBecause(table);
  if (aside) return { ...nothing, class: "ignored", reason: aside };
  const { tenantsTable } = tenancy;
  if (tenantsTable && table.schema === tenantsTable.schema && table.name === tenantsTable.table) {
    return { ...nothing, class: "tenant", reason: "It lists the tenants.", tenantColumn: tenantsTable.key };
  }
  const tenants = tables.find((one) => one.schema === tenantsTable?.schema && one.name === tenantsTable.table);
  const carried = tenants ? tenantColumnOf(table, tenants) : tenantColumnByName(table);
  if (carried)
    return { ...nothing, class: "tenant", reason: carriedBecause(carried, tenants), tenantColumn: carried.column };
  const inSchema = tenancy.tenantSchemas.get(table.schema);
  if (inSchema !== undefined) {
    return {
      ...nothing,
      class: "tenant",
      reason: `The schema ${table.schema} holds tenant ${inSchema} alone.`,
      tenantConstant: inSchema,
    };
  }
  if (tenancy.ownTenantKey === null) return null;
  return {
    ...nothing,
    class: "tenant",
    reason: `The whole database is tenant ${tenancy.ownTenantKey}'s own.`,
    tenantConstant: tenancy.ownTenantKey,
  };
}

function carriedBecause(
  { column, by }: { column: string; by: "foreign key" | "name" },
  tenants: CatalogTable | undefined,
): string {
  if (!tenants) return `Its column ${column} is named like a tenant key.`;
  if (by === "foreign key") return `Its column ${column} is a foreign key to ${tenants.name}.`;
  return `Its column ${column} has the name and type of a key of ${tenants.name}, though no foreign key says so.`;
}

/** Without a tenants table, only the plainest names count. */
function tenantColumnByName(table: CatalogTable): { column: string; by: "name" } | null {
  const names = [
    "tenantid",
    "tenantkey",
    "tenantuuid",
    "organizationid",
    "organisationid",
    "workspaceid",
    "accountid",
    "companyid",
  ];
  const column = names.flatMap((name) => table.columns.filter((one) => squeezed(one.name) === name)).at(0);
  return column ? { column: column.name, by: "name" } : null;
}

function byPath(
  table: CatalogTable,
  path: TenantPath | undefined,
  ways: TenantPath[],
  tenancy: Tenancy,
): TableClassing {
  if (!path) {
    const listing = tenancy.tenantsTable ? ` to ${tenancy.tenantsTable.table}` : "";
    const because = `It has no tenant column, and no foreign keys lead from it${listing}: all tenants share it.`;
    return { ...nothing, class: "reference", reason: because };
  }
  const shown = `${table.name} → ${describe(path)}`;
  const loose = path.optional ? " A row that points nowhere belongs to no tenant." : "";
  const others = ways.map(describe).filter((way) => way !== describe(path));
  return {
    ...nothing,
    class: "child",
    reason: `It reaches a tenant by foreign keys: ${shown}.${loose}`,
    tenantPath: path.steps,
    otherPaths: others,
  };
}

function describe(path: TenantPath): string {
  return path.steps.map((step) => step.table).join(" → ");
}
