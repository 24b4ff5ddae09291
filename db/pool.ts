import pg from "pg";
import { clientTimeout } from "./deadline.ts";

// Timestamps, dates, bigint and numeric arrive as the text that PostgreSQL printed: a JavaScript Date would
// lose microseconds and a number would lose digits. OIDs: int8, date, timestamp, timestamptz, interval, numeric.
const textOids = new Set([20, 1082, 1114, 1184, 1186, 1700]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    textOids.has(oid) && format !== "binary" ? (value: string) => value : pg.types.getTypeParser(oid, format),
};

export interface PoolOptions extends pg.PoolConfig {
  /** Shown in pg_stat_activity; always starts with "caretaker". */
  application_name: string;
}

/**
 * The only place that makes a pool. Every client has an `error` listener from connect to end, because an idle
 * connection that the server terminates would otherwise end the process.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    max: 10,
    // A statement whose answer never comes, because the network swallows it, ends on this side.
    query_timeout: clientTimeout(options.statement_timeout),
    ...options,
    types,
  });
  pool.on("connect", (client) => client.on("error", discard));
  pool.on("error", discard);
  return pool;
}

/** The pool already drops a client that failed while idle; whoever waits on it gets the error from the query itself. */
function discard(): void {}
