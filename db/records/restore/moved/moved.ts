import { auditedDatabase } from "../../../audit/scope.ts";
import { placesOf, type TenantPlace } from "../../../audit/tenant-places.ts";
import { Refusal } from "../../../errors.ts";
import { managedTablesOf } from "../../../managed-tables.ts";
import { ownership, tenantsTableOf } from "../../ownership.ts";
import type { Place } from "../work.ts";

interface TableName {
  schema: string;
  name: string;
}

/** A tenant whose rows are written where it lives, from the log of where it lived when they went. */
export interface Moved {
  /** The tenant's key. */
  tenant: string;
  /** The database in whose log the deletion is. */
  from: { id: string; name: string };
  /** The schema that it lives in. */
  schema: string;
  /** Where it lived in `from`: schemas of its own, and its tables in a schema that tenants share. */
  schemas: string[];
  tables: TableName[];
}

/** Where a tenant's rows go that a database's log holds. @throws Refusal `not_found`, `conflict` when it is not known where that is. */
export async function placeOfTenant(databaseId: string, tenant: string): Promise<Place> {
  const from = await auditedDatabase(databaseId);
  const places = await placesOf([tenant], databaseId);
  const lives = places.find((place) => place.lives);
  if (!lives) {
    throw new Refusal("not_found", `Tenant ${tenant} lives nowhere, as far as ${from.name} knows.`, {
      fix: "Check the tenant's key; of a tenant that has left, what its rows were is in the audit log.",
    });
  }
  if (new Set(places.map(({ tenantId }) => tenantId)).size > 1) {
    throw new Refusal("conflict", `More than one tenant with the key ${tenant} lives or lived in ${from.name}.`, {
      fix: "Whose rows they are is not certain, so that they are not brought to another place. Enter them there from the audit log.",
    });
  }
  const lived = places.filter((place) => place.databaseId === databaseId);
  const into = await auditedDatabase(lives.databaseId);
  const moved: Moved = {
    tenant,
    from: { id: from.id, name: from.name },
    schema: lives.schema,
    schemas: lived.filter(({ tier }) => tier !== "shared").map(({ schema }) => schema),
    tables: await sharedTables(databaseId, lived),
  };
  return { id: into.id, name: into.name, managed: await managedTablesOf(into.id), moved };
}

/** The tables with rows of tenants in the shared schemas that the tenant lived in. The list of tenants stays where it is. */
async function sharedTables(databaseId: string, lived: readonly TenantPlace[]): Promise<TableName[]> {
  const shared = new Set(lived.filter(({ tier }) => tier === "shared").map(({ schema }) => schema));
  const all = await managedTablesOf(databaseId);
  const tenantsTable = await tenantsTableOf(databaseId);
  return all
    .filter((table) => shared.has(table.schema) && ownership(table, all, tenantsTable, () => true) === "the tenant's")
    .map(({ schema, name }) => ({ schema, name }));
}

/** The table in which a row of the tenant's earlier place stands now. */
export function standsIn({ schemas, tables, schema: lives }: Moved, { schema, name }: TableName): TableName {
  const moved = schemas.includes(schema) || tables.some((one) => one.schema === schema && one.name === name);
  return moved ? { schema: lives, name } : { schema, name };
}
