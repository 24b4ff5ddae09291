import type pg from "pg";
import { connectionConfig, faultOf, type ServerAddress } from "./connection.ts";
import { controlPool } from "./control.ts";
import { environment } from "./environment.ts";
import { Refusal } from "./errors.ts";
import { readRegistered } from "./fleet-register.ts";
import { createPool } from "./pool.ts";

/** The control database, seen as an audited database. */
export const consoleDatabase = "console";

export interface FleetPool {
  pool: pg.Pool;
  server: ServerAddress;
  database: string;
}

interface OpenPool extends FleetPool {
  revision: string;
}

const open = new Map<string, OpenPool>();

/** The pool of one database. A host is resolved when its pool has no connection left, so a moved server is found again. */
export async function fleetPool(databaseId: string): Promise<FleetPool> {
  if (databaseId === consoleDatabase) return { pool: controlPool(), ...controlAddress() };
  const registered = await readRegistered(databaseId);
  const known = open.get(databaseId);
  if (known?.revision === registered.revision && known.pool.totalCount > 0) return known;
  const config = await named(connectionConfig(registered.server, registered.name), registered.server, registered.name);
  const raced = open.get(databaseId);
  if (raced && raced !== known && raced.revision === registered.revision) return raced;
  const pool = createPool({
    ...config,
    application_name: "caretaker",
    max: 4,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
  });
  const made = { pool, server: registered.server, database: registered.name, revision: registered.revision };
  open.set(databaseId, made);
  if (known) await known.pool.end();
  return made;
}

/** The control database's address, from DATABASE_URL. */
export function controlAddress(): { server: ServerAddress; database: string } {
  return addressOf(environment().DATABASE_URL);
}

/** The refusal that names what is wrong with the connection to the control database at `url`; null where it is something else. */
export function controlFault(error: unknown, url: string | undefined): Refusal | null {
  if (!url || !URL.canParse(url)) return null;
  const { server, database } = addressOf(url);
  for (let cause = error; cause instanceof Error && !(cause instanceof Refusal); cause = cause.cause) {
    const fault = faultOf(cause, server, database);
    if (fault)
      return new Refusal("unreachable", `The control database: ${fault.what}`, { fix: fault.fix, cause: error });
  }
  return null;
}

function addressOf(text: string): { server: ServerAddress; database: string } {
  const url = new URL(text);
  const server: ServerAddress = {
    host: url.hostname.replace(/^\[|\]$/g, "") || (url.searchParams.get("host") ?? "localhost"),
    port: Number(url.port || 5432),
    tlsMode: modeOf(url.searchParams.get("sslmode")),
    tlsCertificate: null,
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  return { server, database: decodeURIComponent(url.pathname.slice(1)) };
}

function modeOf(sslmode: string | null): ServerAddress["tlsMode"] {
  if (sslmode === "verify-full" || sslmode === "verify-ca") return "verify-full";
  return sslmode === null || sslmode === "disable" || sslmode === "allow" || sslmode === "prefer"
    ? "disable"
    : "require";
}

/** Answers what was promised, or the refusal that names what is wrong with the connection. */
export async function named<T>(promised: Promise<T>, server: ServerAddress, database: string): Promise<T> {
  try {
    return await promised;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const fault = faultOf(error, server, database);
    throw fault ? new Refusal("unreachable", fault.what, { fix: fault.fix, cause: error }) : error;
  }
}

/** Lets go of one database's connections, before it is dropped. */
export async function closePool(databaseId: string): Promise<void> {
  const known = open.get(databaseId);
  open.delete(databaseId);
  await known?.pool.end();
}

export async function closePools(): Promise<void> {
  const pools = [...open.values()];
  open.clear();
  await Promise.all(pools.map(({ pool }) => pool.end()));
}
