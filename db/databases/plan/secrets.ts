import type { Catalog, CatalogTable } from "../catalog.ts";
import { secretsOf } from "../classify/columns.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel, Drift, TableModel } from "../contract.ts";
import { type ColumnClasses, columnKey } from "../coverage/column-classes.ts";

/**
 * Audited tables with columns that are named like secrets, that the model does not mask and of which nobody has said otherwise: they
 * came, or got their names, after the model was confirmed. The log keeps what it once took in, so no plan runs over them.
 */
export function openSecrets(model: DatabaseModel, catalog: Catalog, classes: ColumnClasses): Drift[] {
  const tables = new Map(catalog.tables.map((table) => [tableKey(table), table]));
  return model.tables.flatMap((table) => {
    const known = tables.get(tableKey(table));
    const open = known && table.audited ? openColumns(table, known, classes) : [];
    if (open.length === 0) return [];
    const says = open.length === 1 ? "is named like a secret and is not masked" : "are named like secrets, unmasked";
    return [
      {
        table: `${table.schema}.${table.name}`,
        what: `${open.join(", ")} ${says}: the log would show what it may never hold.`,
        fix: "Open the model, which proposes to mask it, and confirm that; or say in the audit's coverage what else it holds.",
      },
    ];
  });
}

function openColumns(table: TableModel, known: CatalogTable, classes: ColumnClasses): string[] {
  const settled = new Set([...table.maskedColumns, table.tenantColumn, ...notLogged(known)]);
  return secretsOf(known, table.primaryKey)
    .filter((column) => !settled.has(column))
    .filter((column) => isOpen(classes, table, column));
}

/** Generated columns are in no entry. */
function notLogged(table: CatalogTable): string[] {
  return table.columns.filter(({ generated }) => generated).map(({ name }) => name);
}

/** Whether nobody has said that a column holds something other than a secret. */
export function isOpen(
  classes: ColumnClasses,
  { schema, name }: { schema: string; name: string },
  column: string,
): boolean {
  return (classes.get(columnKey(schema, name, column)) ?? "secret") === "secret";
}
