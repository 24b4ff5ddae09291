import pg from "pg";
import { connectionConfig, faultOf } from "../connection.ts";
import { Refusal } from "../errors.ts";
import { readRegistered } from "../fleet-register.ts";
import { watchAnswers } from "./answers.ts";

/** What a transaction of the mover may take; the cutover has limits of its own. */
const settings = {
  statement_timeout: "1800000",
  lock_timeout: "5000",
  idle_in_transaction_session_timeout: "600000",
  search_path: "pg_catalog",
  TimeZone: "UTC",
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: "1",
  xmloption: "content",
  jit: "off",
  // A move has one processor of a server at a time, and leaves the others to whoever else is there.
  max_parallel_workers_per_gather: "0",
  // Keys of some million rows are sorted, and joined for their proofs, without a file.
  maintenance_work_mem: "256MB",
  // A row that was applied before its source was on disk could survive it.
  synchronous_commit: "on",
};

/** A connection of a move's own, outside the pools: it holds locks and settings, and must not be lent to anybody. */
export interface Session {
  client: pg.Client;
  databaseId: string;
  /** The role that it is signed in as. */
  role: string;
  close(): Promise<void>;
}

function sessionName(moveId: string): string {
  return `caretaker move ${moveId.slice(0, 8)}`;
}

export async function openSession(
  databaseId: string,
  moveId: string,
  to: "database" | "server" = "database",
): Promise<Session> {
  const { server, name } = await readRegistered(databaseId);
  const database = to === "server" ? server.maintenanceDatabase : name;
  const config = await connectionConfig(server, database);
  const client = new pg.Client({
    ...config,
    application_name: sessionName(moveId),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    // The server ends a statement first, unless the network swallows its answer.
    query_timeout: 1_810_000,
  });
  client.on("error", () => {}); // a connection lost while idle shows at the next query
  try {
    await client.connect();
    watchAnswers(client, config);
    const pairs = Object.entries({ ...settings, "caretaker.move": moveId });
    await client.query(pairs.map(([key, value]) => `SET ${key} = ${pg.escapeLiteral(value)}`).join(";"));
    await silenceTriggers(client);
    const { rows } = await client.query<{ role: string }>("SELECT session_user AS role");
    return { client, databaseId, role: rows[0]?.role ?? "", close: () => close(client) };
  } catch (error) {
    await close(client);
    if (error instanceof Refusal) throw error;
    const fault = faultOf(error, server, database);
    throw fault ? new Refusal("unreachable", fault.what, { fix: fault.fix, cause: error }) : error;
  }
}

/** The application's triggers ran where the row was written first; running them again would change the copy. */
async function silenceTriggers(client: pg.Client): Promise<void> {
  try {
    await client.query("SET session_replication_role = replica");
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== "42501") throw error;
    throw new Refusal(
      "unsupported",
      "Caretaker's role may not silence triggers, so a move could change rows on their way.",
      {
        fix: "On PostgreSQL 15 and later: GRANT SET ON PARAMETER session_replication_role TO it; before, it must be a superuser.",
        cause: error,
      },
    );
  }
}

/** Ends also a connection that does not answer any more. */
async function close(client: pg.Client): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref());
  await Promise.race([client.end().catch(() => {}), late]);
}

/** Ends what an earlier worker of this move may have left connected, so that its locks go and it can commit nothing more. */
export async function endOthers(session: Session, moveId: string): Promise<number> {
  const { rows } = await session.client.query<{ ended: number }>(
    `SELECT count(pg_terminate_backend(pid, 5000))::int AS ended
       FROM pg_stat_activity
      WHERE application_name = $1 AND pid <> pg_backend_pid() AND usename = session_user AND datname = current_database()`,
    [sessionName(moveId)],
  );
  return rows[0]?.ended ?? 0;
}
