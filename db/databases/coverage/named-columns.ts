import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { type Catalog, type CatalogTable, readCatalog } from "../catalog.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel } from "../contract.ts";
import { readStoredModel } from "../stored-model.ts";
import { tenantCopies } from "./tenant-copies.ts";

interface NamedColumn {
  schema: string;
  table: string;
  column: string;
}

/**
 * The columns by their table as the catalog knows it, and with them the same columns of the table's copies in tenants' schemas.
 *
 * @throws Refusal `invalid` for a column that the catalog does not know.
 */
export async function namedColumns<Column extends NamedColumn>(
  databaseId: string,
  columns: readonly Column[],
): Promise<{ table: CatalogTable; columns: Column[] }[]> {
  const { model } = await readStoredModel(databaseId);
  const catalog = await withDatabase(databaseId, readCatalog, { limits: limits.long });
  const tables = new Map(catalog.tables.map((table) => [tableKey(table), table]));
  const exists = ({ schema, table, column }: NamedColumn): boolean =>
    tables.get(tableKey({ schema, name: table }))?.columns.some(({ name }) => name === column) ?? false;
  const unknown = columns.find((column) => !exists(column));
  if (unknown) {
    throw new Refusal("invalid", `There is no column ${unknown.column} in ${unknown.schema}.${unknown.table}.`, {
      fix: "Open the screen again: the table has changed since.",
    });
  }
  const copied = copiesOf(model, catalog, columns);
  const groups = Map.groupBy([...columns, ...copied], ({ schema, table }) => tableKey({ schema, name: table }));
  return [...groups].flatMap(([key, group]) => {
    const table = tables.get(key);
    return table ? [{ table, columns: group }] : [];
  });
}

/** Of a column that was named itself no copy is made: it may have been given another meaning. */
function copiesOf<Column extends NamedColumn>(
  model: DatabaseModel,
  catalog: Catalog,
  columns: readonly Column[],
): Column[] {
  const schemas = Map.groupBy(tenantCopies(model, catalog), ({ speaker }) => tableKey(speaker));
  const key = ({ schema, table, column }: NamedColumn) => JSON.stringify([schema, table, column]);
  const named = new Set(columns.map(key));
  return columns.flatMap((one) => {
    const copies = schemas.get(tableKey({ schema: one.schema, name: one.table })) ?? [];
    return copies.map(({ copy }) => ({ ...one, schema: copy.schema })).filter((copy) => !named.has(key(copy)));
  });
}
