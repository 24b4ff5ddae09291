import type { PathStep } from "../../schema/fleet.ts";
import type { CatalogTable, ForeignKey } from "../catalog.ts";
import { type TableKey, tableKey } from "./table-key.ts";

export interface TenantPath {
  steps: PathStep[];
  /** A row whose pointing column is null belongs to no tenant. */
  optional: boolean;
}

// A way through columns that may be null is taken only when there is no other way of up to ten more steps.
const optionalCost = 10;

/** For every table that is not an end itself, the cheapest way to one that holds the tenant key, by foreign keys. */
export function tenantPaths(tables: CatalogTable[], ends: ReadonlySet<TableKey>): Map<TableKey, TenantPath> {
  const paths = new Map<TableKey, TenantPath>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const table of tables.filter((one) => !ends.has(tableKey(one)))) {
      for (const path of waysUp(table, ends, paths)) {
        const known = paths.get(tableKey(table));
        if (known && costOf(known) <= costOf(path)) continue;
        paths.set(tableKey(table), path);
        changed = true;
      }
    }
  }
  return paths;
}

/** The ways from a table through each of its foreign keys, as far as the next table's way is known. */
export function waysUp(
  table: CatalogTable,
  ends: ReadonlySet<TableKey>,
  paths: ReadonlyMap<TableKey, TenantPath>,
): TenantPath[] {
  return table.foreignKeys.flatMap((foreignKey) => {
    const parent = tableKey({ schema: foreignKey.parentSchema, name: foreignKey.parentTable });
    const above = ends.has(parent) ? { steps: [], optional: false } : paths.get(parent);
    if (!above || parent === tableKey(table) || above.steps.some((step) => stepEndsAt(step, table))) return [];
    const optional = above.optional || foreignKey.columns.some((column) => !isNotNull(table, column));
    return [{ steps: [toStep(foreignKey), ...above.steps], optional }];
  });
}

function stepEndsAt(step: PathStep, table: CatalogTable): boolean {
  return step.schema === table.schema && step.table === table.name;
}

function isNotNull(table: CatalogTable, column: string): boolean {
  return table.columns.some((one) => one.name === column && one.notNull);
}

/** A step names the parent it leads to. */
function toStep({ parentSchema, parentTable, columns, parentColumns }: ForeignKey): PathStep {
  return { schema: parentSchema, table: parentTable, columns, parentColumns };
}

function costOf(path: TenantPath): number {
  return path.steps.length + (path.optional ? optionalCost : 0);
}
