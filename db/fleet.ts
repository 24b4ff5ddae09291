import { and, asc, eq, isNotNull, isNull } from "drizzle-orm";
import type pg from "pg";
import type { Actor } from "./actor.ts";
import { beginOn } from "./begin.ts";
import type { ServerAddress } from "./connection.ts";
import { control } from "./control.ts";
import { lend } from "./deadline.ts";
import { Refusal } from "./errors.ts";
import { closePools, consoleDatabase, controlAddress, fleetPool, named } from "./fleet-pools.ts";
import { readRegistered } from "./fleet-register.ts";
import { refuseLeft, untilLeft } from "./leaving.ts";
import { ledgerIn } from "./ledger.ts";
import { resolveAllowed } from "./network.ts";
import { databases, type NamedTable, servers } from "./schema/fleet.ts";
import { inTransaction, limits, type TransactionOptions } from "./transaction.ts";

export { consoleDatabase };

type Limits = NonNullable<TransactionOptions["limits"]>;

/** Read-only work on one database in one transaction, with timeouts; it ends in the database when the reader leaves. */
export async function withDatabase<T>(
  databaseId: string,
  read: (client: pg.PoolClient) => Promise<T>,
  { signal, timeoutMs, ...options }: { limits?: Limits; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  refuseLeft(signal);
  const { pool, server, database } = await fleetPool(databaseId);
  const work = readOnly(pool, read, options.limits ?? limits.page, { timeoutMs, signal });
  try {
    return await named(work, server, database);
  } catch (error) {
    if (codeOf(error) !== "57014") throw error;
    throw new Refusal("timeout", `${database} did not finish this question in time.`, {
      fix: "Narrow the question, or try again when the server is less busy.",
      cause: error,
    });
  }
}

/**
 * Read-only work that needs tables of its own: `open` makes temporary ones, and from then on the transaction can write to no
 * other. Nothing of it stays.
 */
export async function withScratch<T>(
  databaseId: string,
  open: (client: pg.PoolClient) => Promise<void>,
  read: (client: pg.PoolClient) => Promise<T>,
  options: { limits?: Limits } = {},
): Promise<T> {
  const { pool, server, database } = await fleetPool(databaseId);
  const used = options.limits ?? limits.long;
  const work = readOnly(pool, read, used, { open });
  return named(work, server, database);
}

interface ReadOptions {
  timeoutMs?: number;
  open?: (client: pg.PoolClient) => Promise<void>;
  /** Ends when the reader leaves. */
  signal?: AbortSignal;
}

async function readOnly<T>(
  pool: pg.Pool,
  read: (client: pg.PoolClient) => Promise<T>,
  { statement, lock, idle }: Limits,
  { timeoutMs = statement, open, signal }: ReadOptions,
): Promise<T> {
  const client = await beginOn(pool, open ? "BEGIN" : "BEGIN READ ONLY", timeoutMs);
  const { client: lent, takeBack } = lend(client, timeoutMs);
  try {
    const { rows } = await lent.query<{ pid: number }>(
      `SELECT pg_backend_pid() AS pid,
              set_config('statement_timeout', $1, true),
              set_config('lock_timeout', $2, true),
              set_config('idle_in_transaction_session_timeout', $3, true),
              set_config('jit', 'off', true)`,
      [String(timeoutMs), String(lock), String(idle)],
    );
    if (open) {
      await open(lent);
      await lent.query("SET TRANSACTION READ ONLY");
    }
    const value = await untilLeft(signal, { pool, pid: rows[0]?.pid ?? 0, takeBack }, () => read(lent));
    await lent.query(open ? "ROLLBACK" : "COMMIT");
    client.release();
    return value;
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  } finally {
    takeBack();
  }
}

/**
 * Work on one database in one transaction that carries the actor to its audit triggers.
 *
 * @throws Refusal `unknown_outcome` when the server crashed at the COMMIT and its installation is older than the ledger.
 */
export async function inDatabase<T>(
  actor: Actor,
  databaseId: string,
  work: (client: pg.PoolClient) => Promise<T>,
  options: Omit<TransactionOptions, "actor" | "ledger"> = {},
): Promise<T> {
  const { pool, server, database } = await fleetPool(databaseId);
  const ledger = ledgerIn("caretaker.operations");
  return named(inTransaction(pool, work, { ...options, actor, ledger }), server, database);
}

/** A database that did not answer, and why. */
export interface Silent {
  databaseId: string;
  name: string;
  reason: string;
}

/** Asks many databases at once. One that fails or is late is named in `silent`; the others answer all the same. */
export async function askAll<T>(
  databaseIds: readonly string[],
  ask: (client: pg.PoolClient, databaseId: string) => Promise<T>,
  timeoutMs = 3_000,
  signal?: AbortSignal,
): Promise<{ answers: { databaseId: string; value: T }[]; silent: Silent[] }> {
  const settled = await Promise.all(databaseIds.map((databaseId) => askOne(databaseId, ask, timeoutMs, signal)));
  refuseLeft(signal);
  return { answers: settled.filter((one) => "value" in one), silent: settled.filter((one) => "reason" in one) };
}

async function askOne<T>(
  databaseId: string,
  ask: (client: pg.PoolClient, databaseId: string) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<{ databaseId: string; value: T } | Silent> {
  try {
    const answer = withDatabase(databaseId, (client) => ask(client, databaseId), { timeoutMs, signal });
    return { databaseId, value: await withinTime(answer, timeoutMs) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { databaseId, name: await nameOf(databaseId), reason };
  }
}

/** The server ends the late statement by its own timeout; this ends the wait for it, also while connecting. */
async function withinTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Refusal("timeout", `No answer within ${timeoutMs / 1000} seconds.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function nameOf(databaseId: string): Promise<string> {
  if (databaseId === consoleDatabase) return "the console";
  try {
    return (await readRegistered(databaseId)).name;
  } catch (error) {
    if (error instanceof Refusal) return databaseId;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

export interface AdoptedDatabase {
  id: string;
  name: string;
  serverId: string;
  serverName: string;
  adoptedAt: string;
  applicationRole: string | null;
  tenantsTable: NamedTable | null;
  usersTable: NamedTable | null;
}

/** Every database that is adopted now, by name. The console's own is not among them. */
export async function listAdopted(): Promise<AdoptedDatabase[]> {
  const rows = await control()
    .select({ database: databases, serverName: servers.name })
    .from(databases)
    .innerJoin(servers, eq(servers.id, databases.serverId))
    .where(and(isNotNull(databases.adoptedAt), isNull(databases.releasedAt), isNull(servers.removedAt)))
    .orderBy(asc(databases.name), asc(databases.id));
  return rows.flatMap(({ database, serverName }) => {
    const { id, name, serverId, adoptedAt, applicationRole, tenantsTable, usersTable } = database;
    return adoptedAt ? [{ id, name, serverId, serverName, adoptedAt, applicationRole, tenantsTable, usersTable }] : [];
  });
}

/** How a client tool such as pg_dump reaches a database. It holds the password: pass it by environment, never log it. */
export interface DatabaseConnection {
  /** The name that TLS is checked against. */
  host: string;
  /** The checked address to connect to (PGHOSTADDR); null for the control database, which is reached by its name. */
  address: string | null;
  port: number;
  user: string;
  password: string;
  database: string;
  ssl: { mode: ServerAddress["tlsMode"]; certificate: string | null };
}

export async function connectionFor(databaseId: string): Promise<DatabaseConnection> {
  if (databaseId === consoleDatabase) {
    const { server, database } = controlAddress();
    return toConnection(server, database, null);
  }
  const { server, name } = await readRegistered(databaseId);
  const { address } = await resolveAllowed(server.host);
  return toConnection(server, name, address);
}

function toConnection(server: ServerAddress, database: string, address: string | null): DatabaseConnection {
  const { host, port, username, password, tlsMode, tlsCertificate } = server;
  return {
    host,
    address,
    port,
    user: username,
    password,
    database,
    ssl: { mode: tlsMode, certificate: tlsCertificate },
  };
}

export async function closeFleet(): Promise<void> {
  await closePools();
}
