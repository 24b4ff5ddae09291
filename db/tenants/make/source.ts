import { and, eq, inArray } from "drizzle-orm";
import { control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { databases, managedTables, type NamedTable } from "../../schema/fleet.ts";
import { placements } from "../../schema/tenants.ts";
import { tenantsTableOf } from "../form.ts";

export type ManagedTable = typeof managedTables.$inferSelect;

/** What the database that lists a tenant holds for it, as an administrator confirmed. */
export interface Source {
  databaseId: string;
  serverId: string;
  databaseName: string;
  applicationRole: string | null;
  usersTable: NamedTable | null;
  tenantsTable: NamedTable;
  /** The shared tables that have rows of tenants. They lie in one schema. */
  own: ManagedTable[];
  schema: string;
  /** Tables that every tenant uses, the one that lists the tenants among them. */
  shared: ManagedTable[];
  ignored: ManagedTable[];
}

/** @throws Refusal `unsupported` where tenants' tables lie in several schemas, or there are none. */
export async function readSource(databaseId: string): Promise<Source> {
  const { name, table: tenantsTable } = await tenantsTableOf(databaseId);
  const [database] = await control().select().from(databases).where(eq(databases.id, databaseId));
  const tables = await control()
    .select()
    .from(managedTables)
    .where(
      and(
        eq(managedTables.databaseId, databaseId),
        inArray(managedTables.class, ["tenant", "child", "reference", "ignored"]),
      ),
    )
    .orderBy(managedTables.schema, managedTables.name);
  const lists = (table: ManagedTable): boolean =>
    table.schema === tenantsTable.schema && table.name === tenantsTable.table;
  const taken = await ownSchemas(databaseId);
  const common = tables.filter((table) => table.tenantConstant === null && !taken.has(table.schema));
  const own = common.filter((table) => ["tenant", "child"].includes(table.class) && !lists(table));
  const schemas = [...new Set(own.map((table) => table.schema))];
  const [schema] = schemas;
  if (!database || schema === undefined) {
    throw new Refusal("unsupported", `The model of ${name} has no shared table with tenants' rows.`, {
      fix: "Look at the classes of its tables under Databases.",
    });
  }
  if (schemas.length > 1) {
    throw new Refusal("unsupported", `Tenants' tables of ${name} lie in several schemas: ${schemas.join(", ")}.`, {
      fix: "A tenant of its own needs them in one; create it in the shared tier.",
    });
  }
  return {
    databaseId,
    serverId: database.serverId,
    databaseName: name,
    applicationRole: database.applicationRole,
    usersTable: database.usersTable,
    tenantsTable,
    own,
    schema,
    shared: common.filter((table) => lists(table) || table.class === "reference"),
    ignored: common.filter((table) => table.class === "ignored"),
  };
}

/** Schemas that are one tenant's, or were. */
async function ownSchemas(databaseId: string): Promise<Set<string>> {
  const rows = await control()
    .selectDistinct({ schema: placements.schema })
    .from(placements)
    .where(and(eq(placements.databaseId, databaseId), eq(placements.tier, "schema")));
  return new Set(rows.map(({ schema }) => schema));
}
