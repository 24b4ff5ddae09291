import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { type CatalogTable, readCatalog } from "../catalog.ts";
import { tableKey } from "../classify/table-key.ts";

interface NamedColumn {
  schema: string;
  table: string;
  column: string;
}

/** The columns by their table as the catalog knows it. @throws Refusal `invalid` for one that it does not know. */
export async function namedColumns<Column extends NamedColumn>(
  databaseId: string,
  columns: readonly Column[],
): Promise<{ table: CatalogTable; columns: Column[] }[]> {
  const catalog = await withDatabase(databaseId, readCatalog, { limits: limits.long });
  const tables = new Map(catalog.tables.map((table) => [tableKey(table), table]));
  const groups = Map.groupBy(columns, ({ schema, table }) => tableKey({ schema, name: table }));
  return [...groups].map(([key, group]) => {
    const table = tables.get(key);
    const unknown = group.find(({ column }) => !table?.columns.some(({ name }) => name === column));
    if (table && !unknown) return { table, columns: group };
    const [first] = group;
    throw new Refusal("invalid", `There is no column ${unknown?.column ?? ""} in ${first?.schema}.${first?.table}.`, {
      fix: "Open the screen again: the table has changed since.",
    });
  });
}
