import type { MovingTable } from "../../managed/moving/table.ts";
import type { FoundTable } from "./catalog.ts";
import type { ModelledTable } from "./place.ts";

/** A table of the plan: what moves it, and how much there is of it. */
export interface PlannedTable extends MovingTable {
  class: "tenant" | "child";
  /** Of the tenant, not of the table. */
  estimatedRows: number;
  estimatedBytes: number;
}

/** The tables that both the model and the catalog know, parents first. */
export function movingTables(modelled: readonly ModelledTable[], found: readonly FoundTable[]): MovingTable[] {
  const known = new Map(found.map((table) => [table.name, table]));
  const present = modelled.flatMap((model) => {
    const table = known.get(model.name);
    const tenant = tenantOf(model, modelled, known);
    return table && tenant ? [{ model, table, tenant }] : [];
  });
  const order = parentsFirst(present.map(({ table }) => table));
  return order.flatMap((name, ordinal) => {
    const one = present.find(({ table }) => table.name === name);
    if (!one) return [];
    const { table, tenant } = one;
    const typeOf = (column: string): string => table.columns.find(({ name }) => name === column)?.type ?? "text";
    return [
      {
        ordinal,
        name,
        keys: table.key.map((column) => ({ name: column, type: typeOf(column) })),
        columns: table.columns.filter(({ generated }) => !generated).map((column) => column.name),
        binary: table.columns.every(({ portable }) => portable),
        tenant,
      },
    ];
  });
}

/** The column that says whose a row is, at the table itself or at the end of its path. */
function tenantOf(
  model: ModelledTable,
  modelled: readonly ModelledTable[],
  known: ReadonlyMap<string, FoundTable>,
): MovingTable["tenant"] | null {
  const steps = model.tenantColumn === null ? model.tenantPath : [];
  const last = steps.at(-1);
  const holder = last ? modelled.find(({ name }) => name === last.table) : model;
  const column = holder?.tenantColumn ?? null;
  const type = holder && known.get(holder.name)?.columns.find(({ name }) => name === column)?.type;
  return column === null || !type ? null : { column, type, steps };
}

/** In the order of the foreign keys; tables in a circle come as they are. */
function parentsFirst(tables: readonly FoundTable[]): string[] {
  const order: string[] = [];
  const visit = (table: FoundTable, above: readonly string[]): void => {
    if (order.includes(table.name) || above.includes(table.name)) return;
    for (const key of table.foreignKeys) {
      const parent = tables.find(({ name }) => name === key.table);
      if (parent) visit(parent, [...above, table.name]);
    }
    order.push(table.name);
  };
  for (const table of tables) visit(table, []);
  return order;
}
