import type pg from "pg";
import { connectOnce } from "../../connection.ts";
import { openServer } from "../../fleet-register.ts";
import { type OwnTable, readOwnTables } from "./survey-schemas.ts";

/** What a database that was made for a tenant holds. */
export interface Inside {
  tables: OwnTable[];
  gates: string[];
  /** Entries of its log, which are evidence. */
  entries: number;
}

/** Looks into a database of a server that need not be one of the fleet. @throws what the server says. */
export async function lookInside(serverId: string, database: string): Promise<Inside> {
  const client = await connectOnce(await openServer(serverId), database);
  try {
    await client.query("BEGIN READ ONLY");
    return await read(client);
  } finally {
    await client.end();
  }
}

async function read(client: pg.Client): Promise<Inside> {
  const { rows } = await client.query<{ gates: boolean; log: boolean }>(
    "SELECT to_regclass('caretaker.gates') IS NOT NULL AS gates, to_regclass('caretaker.audit_logs') IS NOT NULL AS log",
  );
  const gates = rows[0]?.gates
    ? (await client.query<{ state: string }>("SELECT state FROM caretaker.gates ORDER BY state")).rows
    : [];
  const log = rows[0]?.log
    ? (await client.query<{ entries: number }>("SELECT count(*)::float8 AS entries FROM caretaker.audit_logs")).rows
    : [];
  return {
    tables: await readOwnTables(client, null),
    gates: gates.map(({ state }) => state),
    entries: log[0]?.entries ?? 0,
  };
}
