import type { NamedTable } from "../schema/fleet.ts";
import type { Catalog, CatalogTable } from "./catalog.ts";
import { classifyTables, type TableClassing, type Tenancy } from "./classify/classes.ts";
import { keyOf, secretsOf, softDeleteOf, suggestedIgnored } from "./classify/columns.ts";
import { findUsersTable } from "./classify/people.ts";
import { findApplicationRole, roleNote } from "./classify/roles.ts";
import { tableKey } from "./classify/table-key.ts";
import { nameTenants, tenantsCandidates } from "./classify/tenants-table.ts";
import type { ProposedModel, TableEvidence, TableModel } from "./contract.ts";

export interface Declared {
  /** The administrator's choice; undefined leaves it to the evidence, null says that there is none. */
  tenantsTable?: { schema: string; table: string } | null;
  ownTenantKey?: string | null;
  homeDatabaseId?: string | null;
}

export function chooseTenantsTable(catalog: Catalog, declared: Declared): NamedTable | null {
  if (declared.tenantsTable === null) return null;
  const wanted = declared.tenantsTable;
  const table = wanted
    ? catalog.tables.find((one) => one.schema === wanted.schema && one.name === wanted.table)
    : tenantsCandidates(catalog.tables).at(0)?.table;
  return table ? nameTenants(table) : null;
}

/** The model that a catalog suggests. Pure: the same catalog gives the same model. */
export function classify(catalog: Catalog, tenancy: Tenancy, declared: Declared = {}): ProposedModel {
  const classes = classifyTables(catalog.tables, tenancy);
  const classed = catalog.tables.flatMap((table) => {
    const found = classes.get(tableKey(table));
    return found ? [{ table, found }] : [];
  });
  return {
    tenantsTable: tenancy.tenantsTable,
    usersTable: findUsersTable(catalog.tables, tenancy.tenantsTable),
    applicationRole: findApplicationRole(catalog),
    ownTenantKey: declared.ownTenantKey ?? null,
    homeDatabaseId: declared.homeDatabaseId ?? null,
    tables: classed.map(({ table, found }) => toModel(table, found)),
    evidence: classed.map(({ table, found }) => toEvidence(table, found)),
    tenantsCandidates: tenantsCandidates(catalog.tables)
      .slice(0, 8)
      .map(({ table, reason }) => ({ schema: table.schema, table: table.name, reason })),
    roles: catalog.roles
      .filter((role) => role.writable > 0)
      .map((role) => ({ name: role.name, note: roleNote(role, catalog.tables) })),
  };
}

function toModel(table: CatalogTable, { otherPaths: _, ...found }: TableClassing): TableModel {
  const key = keyOf(table);
  const keyless = key.length === 0 && found.class !== "ignored" ? " It has no key, so its entries name no record." : "";
  return {
    schema: table.schema,
    name: table.name,
    ...found,
    reason: found.reason + keyless,
    primaryKey: key,
    softDelete: softDeleteOf(table),
    audited: found.class !== "ignored",
    maskedColumns: secretsOf(table, key),
    ignoredColumns: [],
    rowSecurity: false,
    activeView: false,
    archive: false,
    graceDays: 30,
  };
}

function toEvidence(table: CatalogTable, found: TableClassing): TableEvidence {
  return {
    schema: table.schema,
    name: table.name,
    rows: table.rows,
    bytes: table.bytes ?? 0,
    partitions: table.partitions,
    columns: table.columns.map(({ name, type, notNull, generated }) => ({ name, type, notNull, generated })),
    suggestedIgnored: suggestedIgnored(table),
    otherPaths: found.otherPaths,
  };
}
