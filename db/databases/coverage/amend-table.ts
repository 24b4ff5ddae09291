import { and, eq, sql } from "drizzle-orm";
import type { Control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { managedTables } from "../../schema/fleet.ts";
import type { CatalogTable } from "../catalog.ts";

interface ColumnChanges {
  mask?: string[];
  unmask?: string[];
  leaveOut?: string[];
}

/** Changes the confirmed model's columns of one table, row locked. What captures it follows with the next plan. */
export async function amendTable(
  tx: Control,
  databaseId: string,
  known: CatalogTable,
  { mask = [], unmask = [], leaveOut = [] }: ColumnChanges,
): Promise<void> {
  const one = and(
    eq(managedTables.databaseId, databaseId),
    eq(managedTables.schema, known.schema),
    eq(managedTables.name, known.name),
  );
  const [row] = await tx.select().from(managedTables).where(one).for("update");
  if (!row)
    throw new Refusal("conflict", `The model does not know ${known.schema}.${known.name}.`, {
      fix: "Confirm the model first.",
    });
  const bound = [...row.primaryKey, row.tenantColumn, row.softDelete?.column];
  const refused = [...mask, ...leaveOut].find((column) => bound.includes(column));
  if (refused !== undefined) {
    throw new Refusal(
      "invalid",
      `${refused} of ${known.name} identifies rows, tenants or deletions, and stays as it is.`,
      {
        fix: "Leave it out of the choice.",
      },
    );
  }
  const maskedColumns = union(row.maskedColumns, mask).filter((column) => !unmask.includes(column));
  const ignoredColumns = union(row.ignoredColumns, leaveOut);
  if (isSame(maskedColumns, row.maskedColumns) && isSame(ignoredColumns, row.ignoredColumns)) return;
  await tx.update(managedTables).set({ maskedColumns, ignoredColumns, confirmedAt: sql`now()` }).where(one);
}

function union(held: readonly string[], more: readonly string[]): string[] {
  return [...held, ...more.filter((column) => !held.includes(column))];
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((column, at) => column === other[at]);
}
