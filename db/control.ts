import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { Actor } from "./actor.ts";
import { environment } from "./environment.ts";
import { createPool } from "./pool.ts";
import { inTransaction, limits, type TransactionOptions } from "./transaction.ts";

export type Control = NodePgDatabase;

let pool: pg.Pool | undefined;

/** The control database's pool, made at first use. */
export function controlPool(): pg.Pool {
  pool ??= createPool({
    connectionString: environment().DATABASE_URL,
    application_name: "caretaker control",
    statement_timeout: limits.page.statement,
    lock_timeout: limits.page.lock,
  });
  return pool;
}

/** For reads, each statement on its own. */
export function control(): Control {
  return drizzle(controlPool());
}

/** For writes: one transaction in the control database that carries the actor to its audit triggers. */
export function inControl<T>(
  actor: Actor,
  work: (tx: Control, client: pg.PoolClient) => Promise<T>,
  options: Omit<TransactionOptions, "actor"> = {},
): Promise<T> {
  return inTransaction(controlPool(), (client) => work(drizzle(client), client), { ...options, actor });
}

export async function closeControl(): Promise<void> {
  await pool?.end();
  pool = undefined;
}
