import { eq } from "drizzle-orm";
import type pg from "pg";
import { control } from "../control.ts";
import type { HoldableTable, HoldRule } from "../managed/holds/rule.ts";
import { readTables } from "../managed/read-tables.ts";
import { tenantSourceOf } from "../managed/tenant-source.ts";
import { type ManagedTable, managedTablesOf } from "../managed-tables.ts";
import { databases, type NamedTable } from "../schema/fleet.ts";

/** What an administrator confirmed about a database, as far as holds and purges need it. */
export interface Model {
  managed: ManagedTable[];
  tenantsTable: NamedTable | null;
  usersTable: NamedTable | null;
}

export async function modelOf(databaseId: string): Promise<Model> {
  const [database] = await control()
    .select({ tenantsTable: databases.tenantsTable, usersTable: databases.usersTable })
    .from(databases)
    .where(eq(databases.id, databaseId));
  const managed = await managedTablesOf(databaseId);
  return { managed, tenantsTable: database?.tenantsTable ?? null, usersTable: database?.usersTable ?? null };
}

/** The tables that a hold can be on: those of the model, or of some schemas of it, with the columns that they have now. */
export async function holdableTables(
  client: pg.ClientBase,
  { managed, tenantsTable }: Model,
  schemas: ReadonlySet<string> = new Set(managed.map((table) => table.schema)),
): Promise<HoldableTable[]> {
  const found: HoldableTable[] = [];
  for (const schema of schemas) {
    for (const table of await readTables(client, schema)) {
      const known = managed.find((one) => one.schema === schema && one.name === table.name);
      if (!known) continue;
      const has = (name: string) => table.columns.some((column) => column.name === name);
      found.push({
        ...table,
        primaryKey: known.primaryKey.length > 0 && known.primaryKey.every(has) ? known.primaryKey : table.primaryKey,
        tenant: tenantSourceOf(known, managed, tenantsTable, has),
        marks: known.softDelete !== null && has(known.softDelete.column),
        aside: known.class === "ignored",
      });
    }
  }
  return found;
}

/** The schemas that rules can be about, so that a database of a thousand schemas is not read for a hold on one. */
export function schemasAbout({ managed }: Model, rules: readonly HoldRule[]): Set<string> {
  const about = managed.filter(({ schema, name, tenantConstant }) =>
    rules.some(
      (rule) =>
        (rule.schema === null || rule.schema === schema) &&
        (rule.table === null || rule.table === name) &&
        (rule.tenant === null || tenantConstant === null || tenantConstant === rule.tenant),
    ),
  );
  return new Set(about.flatMap(({ schema, tenantPath }) => [schema, ...tenantPath.map((step) => step.schema)]));
}
