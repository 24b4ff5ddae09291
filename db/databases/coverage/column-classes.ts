import { eq } from "drizzle-orm";
import type { ColumnClass } from "../../audit/coverage/contract.ts";
import { control } from "../../control.ts";
import { columnClasses } from "../../schema/fleet.ts";

/** What people have said that columns hold, by `columnKey`. */
export type ColumnClasses = ReadonlyMap<string, ColumnClass>;

export function columnKey(schema: string, table: string, column: string): string {
  return JSON.stringify([schema, table, column]);
}

export async function readColumnClasses(databaseId: string): Promise<ColumnClasses> {
  const rows = await control().select().from(columnClasses).where(eq(columnClasses.databaseId, databaseId));
  return new Map(rows.map((row) => [columnKey(row.schema, row.table, row.column), row.class]));
}
