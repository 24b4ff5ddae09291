import type { Catalog } from "../catalog.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel, TableModel } from "../contract.ts";

/** A table in a tenant's own schema, and the one that speaks for it. */
interface TenantCopy {
  copy: TableModel;
  speaker: TableModel;
}

/**
 * Where each tenant has a schema of its own, the same table stands there once a tenant. What somebody says of its columns in one
 * of them holds for all. A schema is a copy of another when it has no audited table that the other has not, and a table when its
 * columns are the same too, so that two unrelated tables of one name keep to themselves. `public` speaks before the others.
 */
export function tenantCopies(model: DatabaseModel, catalog: Catalog): TenantCopy[] {
  const columns = new Map(
    catalog.tables.map((table) => [
      tableKey(table),
      JSON.stringify(table.columns.map(({ name, type }) => [name, type])),
    ]),
  );
  const audited = model.tables
    .filter((table) => table.audited && columns.has(tableKey(table)))
    .toSorted((a, b) => Number(a.schema !== "public") - Number(b.schema !== "public"));
  const names = namesBySchema(audited);
  const speakers = new Map<string, TableModel[]>();
  const copies: TenantCopy[] = [];
  for (const table of audited) {
    const shape = JSON.stringify([table.name, columns.get(tableKey(table))]);
    const known = speakers.get(shape) ?? [];
    const speaker = known.find((one) => isWithin(names.get(table.schema), names.get(one.schema)));
    if (speaker) copies.push({ copy: table, speaker });
    else speakers.set(shape, [...known, table]);
  }
  return copies;
}

function namesBySchema(tables: readonly TableModel[]): Map<string, Set<string>> {
  const schemas = Map.groupBy(tables, ({ schema }) => schema);
  return new Map([...schemas].map(([schema, of]) => [schema, new Set(of.map(({ name }) => name))]));
}

function isWithin(inner: ReadonlySet<string> = new Set(), outer: ReadonlySet<string> = new Set()): boolean {
  return inner.isSubsetOf(outer);
}
