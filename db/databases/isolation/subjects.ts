import pg from "pg";
import type { Catalog, CatalogTable } from "../catalog.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel } from "../contract.ts";
import type { Relation } from "./survey.ts";

export interface Step {
  schema: string;
  table: string;
  columns: string[];
  parentColumns: string[];
}

/** A table with rows of tenants: how to tell whose a row is, and how to name a row. */
export interface Subject {
  relation: Relation;
  /** In the table itself, or at the end of the path. */
  tenantColumn: string;
  tenantType: string;
  path: Step[];
  primaryKey: string[];
  catalog: CatalogTable;
  partitions: Relation[];
  /** The table that lists the tenants. */
  lists: boolean;
  /** It lies in a schema that is one tenant's own, where nothing else could be reached by a key. */
  alone: boolean;
  /** Somebody expects the database to keep tenants apart here. */
  expected: boolean;
}

export const quoted = pg.escapeIdentifier;
export const text = pg.escapeLiteral;

export function nameOf({ schema, name }: { schema: string; name: string }): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** The tables that hold several tenants' rows, as the model says, and those that came later and look like them. */
export function subjectsOf(model: DatabaseModel, catalog: Catalog, relations: readonly Relation[]): Subject[] {
  const byKey = new Map(relations.filter(({ root }) => root === null).map((one) => [tableKey(one), one]));
  const catalogued = new Map(catalog.tables.map((one) => [tableKey(one), one]));
  const own = new Set(model.tables.filter(({ tenantConstant }) => tenantConstant !== null).map(({ schema }) => schema));
  const modelled = model.tables.flatMap((table): Subject[] => {
    const end = table.class === "child" ? table.tenantPath.at(-1) : undefined;
    const holder = end ? model.tables.find((one) => one.schema === end.schema && one.name === end.table) : table;
    if (table.tenantConstant !== null || holder?.tenantColumn == null) return [];
    if (table.class !== "tenant" && table.class !== "child") return [];
    return made(tableKey(table), tableKey(holder), holder.tenantColumn, table.tenantPath, table.rowSecurity);
  });
  const known = new Set(model.tables.map(tableKey));
  const columns = new Set(modelled.filter(({ path }) => path.length === 0).map(({ tenantColumn }) => tenantColumn));
  columns.delete("id");
  const later = catalog.tables.flatMap((table): Subject[] => {
    const column = table.columns.find(({ name }) => columns.has(name));
    if (known.has(tableKey(table)) || !column) return [];
    return made(tableKey(table), tableKey(table), column.name, [], false);
  });
  const all = [...modelled, ...later];
  const secured = all.some(({ relation, expected }) => relation.rowSecurity || expected);
  return all.map((one) => ({ ...one, expected: one.expected || one.relation.rowSecurity || (secured && !one.lists) }));

  function made(
    key: ReturnType<typeof tableKey>,
    holder: ReturnType<typeof tableKey>,
    tenantColumn: string,
    path: Step[],
    expected: boolean,
  ): Subject[] {
    const relation = byKey.get(key);
    const known = catalogued.get(key);
    const type = catalogued.get(holder)?.columns.find(({ name }) => name === tenantColumn)?.type;
    if (!relation || !known || type === undefined || known.kind === "foreign") return [];
    const { tenantsTable } = model;
    return [
      {
        relation,
        tenantColumn,
        tenantType: type,
        path,
        primaryKey: known.primaryKey,
        catalog: known,
        partitions: relations.filter(({ root }) => root === relation.oid),
        alone: own.has(relation.schema),
        lists: tenantsTable?.schema === relation.schema && tenantsTable.table === relation.name,
        expected,
      },
    ];
  }
}

/** FROM and the tenant's key as text, for Caretaker's own look: the table is `t`. */
export function owned({ relation, path, tenantColumn }: Subject): { from: string; tenant: string } {
  const joins = path.map(({ schema, table, columns, parentColumns }, at) => {
    const below = at === 0 ? "t" : `p${at - 1}`;
    const on = columns.map((column, n) => `p${at}.${quoted(parentColumns[n] ?? "")} = ${below}.${quoted(column)}`);
    return ` JOIN ${quoted(schema)}.${quoted(table)} AS p${at} ON ${on.join(" AND ")}`;
  });
  const holder = path.length === 0 ? "t" : `p${path.length - 1}`;
  return { from: `${nameOf(relation)} AS t${joins.join("")}`, tenant: `${holder}.${quoted(tenantColumn)}::text` };
}
