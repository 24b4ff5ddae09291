import { and, eq, inArray, isNotNull, isNull, ne } from "drizzle-orm";
import { control, controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { consoleDatabase } from "../fleet.ts";
import { databases, type NamedTable } from "../schema/fleet.ts";
import { placements, tenants } from "../schema/tenants.ts";
import type { AuditFilter } from "./contract.ts";

/** A database that has a log. */
export interface AuditedDatabase {
  id: string;
  /** One that left is called "shop (left)". */
  name: string;
  usersTable: NamedTable | null;
  /** It is managed no more: what stands of its log is in the archive, and there is nobody to ask besides. */
  left?: true;
}

/** A database whose log can hold an answer, and under which keys its tenant stands there (null: any tenant). */
export interface Audited extends AuditedDatabase {
  tenantKeys: string[] | null;
}

type Scope = Pick<AuditFilter, "database" | "tenant">;

/** The databases to ask for a filter: the adopted ones and the console's own, narrowed by database and tenant. */
export async function auditedFor(filter: Scope): Promise<Audited[]> {
  return narrowed(await auditedDatabases(), filter);
}

/** The same with those that left, whose archived months can be read all the same. */
export async function everAuditedFor(filter: Scope): Promise<Audited[]> {
  const [audited, departed] = await Promise.all([auditedDatabases(), departedDatabases()]);
  return narrowed([...audited, ...departed], filter);
}

/** One audited database. */
export async function auditedDatabase(id: string): Promise<Audited> {
  return one(await auditedFor({ database: id }), id);
}

/** One whose log can be read, be it in the archive alone. */
export async function readableDatabase(id: string): Promise<Audited> {
  return one(await everAuditedFor({ database: id }), id);
}

function one([database]: Audited[], id: string): Audited {
  if (!database) throw notAdopted(id);
  return database;
}

async function narrowed(all: readonly AuditedDatabase[], filter: Scope): Promise<Audited[]> {
  const tenant = filter.tenant === undefined ? null : await tenantScope(filter.tenant);
  const asked = filter.database === undefined ? all : all.filter(({ id }) => id === filter.database);
  if (asked.length === 0 && filter.database !== undefined) throw notAdopted(filter.database);
  return asked.flatMap((database) => {
    const { id } = database;
    if (id === consoleDatabase) return [{ ...database, tenantKeys: tenant && [...new Set([tenant.id, tenant.key])] }];
    const mayHold = tenant === null || tenant.databaseIds === null || tenant.databaseIds.has(id);
    return mayHold ? [{ ...database, tenantKeys: tenant && [tenant.key] }] : [];
  });
}

/** The adopted databases and the console's own. */
export async function auditedDatabases(): Promise<AuditedDatabase[]> {
  const adopted = await control()
    .select({ id: databases.id, name: databases.name, usersTable: databases.usersTable })
    .from(databases)
    .where(and(isNotNull(databases.adoptedAt), isNull(databases.releasedAt)));
  return [...adopted, { id: consoleDatabase, name: "Console", usersTable: null }];
}

interface Departed extends AuditedDatabase {
  left: true;
  /** Its name as it was, by which it is asked for. */
  called: string;
}

/** The databases that are managed no more and of whose logs files stand in the archive, as long as they do. */
export async function departedDatabases(): Promise<Departed[]> {
  const { rows } = await controlPool().query<{ id: string; called: string }>(
    `SELECT DISTINCT ON (a.database_id) a.database_id AS id, coalesce(d.name, a.database_name) AS called
       FROM audit_archives AS a
       LEFT JOIN databases AS d ON d.id::text = a.database_id
      WHERE a.state IN ('stored', 'cold', 'hot') AND a.database_id <> $1 AND (d.adopted_at IS NULL OR d.released_at IS NOT NULL)
      ORDER BY a.database_id, a.stored_at DESC`,
    [consoleDatabase],
  );
  return rows.map(({ id, called }) => ({ id, name: `${called} (left)`, called, usersTable: null, left: true }));
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
