import { eq } from "drizzle-orm";
import { control } from "./control.ts";
import { managedTables } from "./schema/fleet.ts";

export type ManagedTable = typeof managedTables.$inferSelect;

/** What an administrator confirmed about the tables of a database. */
export function managedTablesOf(databaseId: string): Promise<ManagedTable[]> {
  return control().select().from(managedTables).where(eq(managedTables.databaseId, databaseId));
}
