import { Refusal } from "../errors.ts";
import type { Catalog, CatalogTable } from "./catalog.ts";
import { tableKey } from "./classify/table-key.ts";
import type { DatabaseModel, TableModel } from "./contract.ts";

/**
 * Refuses a model that the catalog contradicts. Every table and column that is later written into SQL is one that the
 * catalog holds, whatever was sent.
 */
export function checkModel(model: DatabaseModel, catalog: Catalog): void {
  const tables = new Map(catalog.tables.map((table) => [tableKey(table), table]));
  const faults: Record<string, string> = {};
  for (const table of model.tables) {
    const known = tables.get(tableKey(table));
    const fault = known ? faultOf(table, known, model, tables) : "There is no such table.";
    if (fault) faults[`${table.schema}.${table.name}`] = fault;
  }
  for (const part of [model.tenantsTable, model.usersTable]) {
    const known = part && tables.get(tableKey({ schema: part.schema, name: part.table }));
    if (part && !hasColumns(known ?? undefined, [part.key, part.name, part.slug])) {
      faults[`${part.schema}.${part.table}`] = "It does not have these columns.";
    }
  }
  if (model.applicationRole !== null && !catalog.roles.some((role) => role.name === model.applicationRole)) {
    faults.applicationRole = `There is no role ${model.applicationRole} that can sign in.`;
  }
  if ((model.ownTenantKey === null) !== (model.homeDatabaseId === null)) {
    faults.ownTenantKey = "Give the tenant's key and the database that lists it, or neither.";
  }
  const [first] = Object.entries(faults);
  if (!first) return;
  throw new Refusal("invalid", `The model does not fit the database: ${first[0]}: ${first[1]}`, {
    fix: "Correct it, or propose it anew if the database has changed.",
    fieldErrors: faults,
  });
}

type Tables = ReadonlyMap<ReturnType<typeof tableKey>, CatalogTable>;

function faultOf(table: TableModel, known: CatalogTable, model: DatabaseModel, tables: Tables): string | null {
  const named = [
    table.tenantColumn,
    table.softDelete?.column,
    ...table.primaryKey,
    ...table.maskedColumns,
    ...table.ignoredColumns,
  ];
  if (!hasColumns(known, named)) return "It does not have all the columns that are named.";
  if (table.audited && known.kind === "foreign") return "A foreign table cannot be audited.";
  if (table.class === "tenant" && table.tenantColumn === null && table.tenantConstant === null) {
    return "Name the column that holds the tenant's key.";
  }
  if (table.archive && !table.audited) return "An archive of removed rows needs the table to be audited.";
  if (table.activeView && table.softDelete === null)
    return "A view of live rows needs a column that marks deleted ones.";
  if (table.rowSecurity && table.class !== "tenant") return "Row security needs the tenant's key in the table itself.";
  if (table.rowSecurity && table.tenantColumn === null) return "Row security needs a tenant column.";
  if (table.rowSecurity && model.applicationRole === null) return "Row security needs the application's role.";
  return table.class === "child" ? pathFault(table, known, model, tables) : null;
}

function pathFault(table: TableModel, known: CatalogTable, model: DatabaseModel, tables: Tables): string | null {
  let from: CatalogTable | undefined = known;
  for (const step of table.tenantPath) {
    const to = tables.get(tableKey({ schema: step.schema, name: step.table }));
    const whole = step.columns.length > 0 && step.columns.length === step.parentColumns.length;
    if (!whole || !hasColumns(from, step.columns) || !hasColumns(to, step.parentColumns))
      return "Its way to a tenant is broken.";
    from = to;
  }
  return pathEnd(table, model)?.tenantColumn ? null : "Its way must end at a table with a tenant column.";
}

/** The model of the table where a child's way ends. */
function pathEnd(table: TableModel, model: DatabaseModel): TableModel | undefined {
  const last = table.tenantPath.at(-1);
  return last && model.tables.find((one) => one.schema === last.schema && one.name === last.table);
}

function hasColumns(table: CatalogTable | undefined, names: (string | null | undefined)[]): boolean {
  const columns = new Set(table?.columns.map((column) => column.name));
  return names.every((name) => name === null || name === undefined || columns.has(name));
}
