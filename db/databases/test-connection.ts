import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { connectOnce, faultOf, type ServerAddress } from "../connection.ts";
import type { ConnectionFault } from "../connection-fault.ts";
import type { ServerInput } from "./contract.ts";
import { parseServer } from "./server-url.ts";

/** What trying a server showed: usable or not, and exactly why not. */
export interface ConnectionReport {
  ok: boolean;
  version: string | null;
  encrypted: boolean;
  fault: { step: ConnectionFault["step"] | "version"; what: string; fix: string } | null;
  /** Not in the way of connecting, but of what Caretaker does here later. */
  notes: { what: string; fix: string }[];
  databases: ListedDatabase[];
}

export interface ListedDatabase {
  name: string;
  bytes: number | null;
  mayConnect: boolean;
}

// The oldest and the newest major version that Caretaker is tested on.
const supported = { from: 15, to: 18 };

/** Tries a server and says precisely what is wrong: name, port, TLS, password, database, privilege or version. */
export async function testConnection(actor: Actor, input: ServerInput): Promise<ConnectionReport> {
  authorise(actor, "databases.manage");
  const { server, database } = parseServer(input);
  return reportOn(server, database);
}

export async function reportOn(server: ServerAddress, database: string): Promise<ConnectionReport> {
  let client: pg.Client;
  try {
    client = await connectOnce(server, database);
  } catch (error) {
    const fault = faultOf(error, server, database);
    if (!fault) throw error;
    return { ok: false, version: null, encrypted: false, fault, notes: [], databases: [] };
  }
  try {
    return await look(client, server);
  } finally {
    await client.end();
  }
}

interface Sight {
  version: string;
  number: number;
  encrypted: boolean;
  superuser: boolean;
  bypassesRowSecurity: boolean;
  mayCreateRoles: boolean;
  mayCreate: boolean;
}

async function look(client: pg.Client, server: ServerAddress): Promise<ConnectionReport> {
  const { rows } = await client.query<Sight>(
    `SELECT current_setting('server_version') AS version,
            current_setting('server_version_num')::int AS number,
            coalesce((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), false) AS encrypted,
            r.rolsuper AS superuser,
            r.rolbypassrls AS "bypassesRowSecurity",
            r.rolcreaterole AS "mayCreateRoles",
            has_database_privilege(current_database(), 'CREATE') AS "mayCreate"
       FROM pg_roles r
      WHERE r.rolname = current_user`,
  );
  const [sight] = rows;
  if (!sight) throw new Error("The server did not say who is connected.");
  const fault = versionFault(sight);
  const databases = await listDatabases(client);
  return {
    ok: !fault,
    version: sight.version,
    encrypted: sight.encrypted,
    fault,
    notes: notesOn(sight, server),
    databases,
  };
}

function versionFault({ number, version }: Sight): ConnectionReport["fault"] {
  const major = Math.floor(number / 10_000);
  if (major >= supported.from) return null;
  return {
    step: "version",
    what: `The server is PostgreSQL ${version}; Caretaker needs ${supported.from} to ${supported.to}.`,
    fix: `Upgrade the server to PostgreSQL ${supported.from} or newer.`,
  };
}

function notesOn(sight: Sight, server: ServerAddress): ConnectionReport["notes"] {
  const notes: ConnectionReport["notes"] = [];
  if (Math.floor(sight.number / 10_000) > supported.to) {
    notes.push({
      what: `PostgreSQL ${sight.version} is newer than what Caretaker was tested on.`,
      fix: `Tested are ${supported.from} to ${supported.to}.`,
    });
  }
  if (!sight.mayCreate) {
    notes.push({
      what: `${server.username} may not create a schema in this database, so it cannot be adopted.`,
      fix: `GRANT CREATE ON DATABASE … TO ${server.username};`,
    });
  }
  if (!sight.superuser && !sight.bypassesRowSecurity) {
    notes.push({
      what: `${server.username} has not BYPASSRLS: where tables have row security, backups, tenants' sizes, exports and archiving are refused.`,
      fix: `ALTER ROLE ${server.username} BYPASSRLS;`,
    });
  }
  if (!sight.superuser && !sight.mayCreateRoles) {
    notes.push({
      what: `${server.username} may not create roles: adoption works without Caretaker's own reader and operator roles.`,
      fix: `ALTER ROLE ${server.username} CREATEROLE;`,
    });
  }
  if (!sight.encrypted)
    notes.push({ what: "The connection is not encrypted.", fix: "Turn TLS on unless the network is trusted." });
  return notes;
}

/** The databases of a server that can be connected to at all, largest first. Sizes only where they may be read. */
export async function listDatabases(client: pg.ClientBase): Promise<ListedDatabase[]> {
  const { rows } = await client.query<{ name: string; bytes: string | null; mayConnect: boolean }>(
    `SELECT d.datname AS name,
            has_database_privilege(d.oid, 'CONNECT') AS "mayConnect",
            CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) END AS bytes
       FROM pg_database d
      WHERE d.datallowconn AND NOT d.datistemplate
      ORDER BY 3 DESC NULLS LAST, 1`,
  );
  return rows.map((row) => ({ ...row, bytes: row.bytes === null ? null : Number(row.bytes) }));
}
