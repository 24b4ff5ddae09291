import { and, eq, inArray, isNotNull, isNull, ne } from "drizzle-orm";
import { control } from "../control.ts";
import { Refusal } from "../errors.ts";
import { consoleDatabase } from "../fleet.ts";
import { databases, type NamedTable } from "../schema/fleet.ts";
import { placements, tenants } from "../schema/tenants.ts";
import type { AuditFilter } from "./contract.ts";

/** A database that has a log. */
export interface AuditedDatabase {
  id: string;
  name: string;
  usersTable: NamedTable | null;
}

/** A database whose log can hold an answer, and under which keys its tenant stands there (null: any tenant). */
export interface Audited extends AuditedDatabase {
  tenantKeys: string[] | null;
}

/** The databases to ask for a filter: the adopted ones and the console's own, narrowed by database and tenant. */
export async function auditedFor(filter: Pick<AuditFilter, "database" | "tenant">): Promise<Audited[]> {
  const tenant = filter.tenant === undefined ? null : await tenantScope(filter.tenant);
  const adopted = await control()
    .select({ id: databases.id, name: databases.name, usersTable: databases.usersTable })
    .from(databases)
    .where(and(isNotNull(databases.adoptedAt), isNull(databases.releasedAt)));
  const all: Audited[] = [
    ...adopted
      .filter(({ id }) => tenant === null || tenant.databaseIds === null || tenant.databaseIds.has(id))
      .map((database) => ({ ...database, tenantKeys: tenant && [tenant.key] })),
    {
      id: consoleDatabase,
      name: "Console",
      usersTable: null,
      tenantKeys: tenant && [...new Set([tenant.id, tenant.key])],
    },
  ];
  if (filter.database === undefined) return all;
  const asked = all.filter(({ id }) => id === filter.database);
  if (asked.length === 0 && !adopted.some(({ id }) => id === filter.database)) throw notAdopted(filter.database);
  return asked;
}

/** One audited database. */
export async function auditedDatabase(id: string): Promise<Audited> {
  const [database] = await auditedFor({ database: id });
  if (!database) throw notAdopted(id);
  return database;
}

interface TenantScope {
  id: string;
  key: string;
  /** Where it lives or has lived; null when the console does not know the tenant, so that any database may. */
  databaseIds: Set<string> | null;
}

async function tenantScope(tenant: string): Promise<TenantScope> {
  const unlisted = { id: tenant, key: tenant, databaseIds: null };
  if (!isUuid(tenant)) return unlisted;
  const [known] = await control().select().from(tenants).where(eq(tenants.id, tenant));
  if (!known) return unlisted;
  const lived = await control()
    .select({ databaseId: placements.databaseId })
    .from(placements)
    .where(and(eq(placements.tenantId, known.id), ne(placements.state, "importing")));
  const databaseIds = new Set([known.homeDatabaseId, ...lived.map(({ databaseId }) => databaseId)]);
  return { id: known.id, key: known.key, databaseIds };
}

/** Names of the databases, for lists that hold only ids. */
export async function databaseNames(ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await control()
    .select({ id: databases.id, name: databases.name })
    .from(databases)
    .where(inArray(databases.id, ids.filter(isUuid)));
  return new Map([[consoleDatabase, "Console"], ...rows.map(({ id, name }) => [id, name] as const)]);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuid.test(text);
}

function notAdopted(id: string): Refusal {
  return new Refusal("not_found", `No adopted database has the id ${id}.`, {
    fix: "Choose a database from the list, or adopt it first.",
  });
}
