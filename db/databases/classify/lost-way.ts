import type { TableModel } from "../contract.ts";
import { type TableKey, tableKey } from "./table-key.ts";

/** The columns that a child's way to its tenant leads over and that are gone, as "table.column"; `columns` are those of every table. */
export function lostWay(
  { schema, name, tenantPath }: Pick<TableModel, "schema" | "name" | "tenantPath">,
  columns: ReadonlyMap<TableKey, readonly string[]>,
): string[] {
  const tables = [{ schema, name }, ...tenantPath.map((step) => ({ schema: step.schema, name: step.table }))];
  const over = tables.flatMap((table, at) => {
    const named = [...(tenantPath[at - 1]?.parentColumns ?? []), ...(tenantPath[at]?.columns ?? [])];
    return named.map((column) => ({ table, column }));
  });
  const gone = over.filter(({ table, column }) => !columns.get(tableKey(table))?.includes(column));
  return [...new Set(gone.map(({ table, column }) => `${table.name}.${column}`))];
}
