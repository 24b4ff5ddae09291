import { and, eq } from "drizzle-orm";
import { control } from "../control.ts";
import { managedTables } from "../schema/fleet.ts";

export type ManagedTable = typeof managedTables.$inferSelect;

/** What an administrator confirmed about the tables of a database. */
export function managedTablesOf(databaseId: string): Promise<ManagedTable[]> {
  return control().select().from(managedTables).where(eq(managedTables.databaseId, databaseId));
}

export async function managedTable(databaseId: string, schema: string, name: string): Promise<ManagedTable | null> {
  const rows = await control()
    .select()
    .from(managedTables)
    .where(
      and(eq(managedTables.databaseId, databaseId), eq(managedTables.schema, schema), eq(managedTables.name, name)),
    );
  return rows[0] ?? null;
}
