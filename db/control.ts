import { randomUUID } from "node:crypto";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { Actor } from "./actor.ts";
import { environment } from "./environment.ts";
import type { Ledger } from "./outcome.ts";
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
  options: Omit<TransactionOptions, "actor" | "ledger"> = {},
): Promise<T> {
  return inTransaction(controlPool(), (client) => work(drizzle(client), client), {
    ...options,
    actor,
    ledger: ledger(),
  });
}

/** A fresh id for each transaction, kept a day by `operations`. */
function ledger(): Ledger {
  const id = randomUUID();
  return {
    async write(client) {
      await client.query("INSERT INTO operations (id) VALUES ($1)", [id]);
    },
    async holds(client) {
      return (await client.query("SELECT 1 FROM operations WHERE id = $1", [id])).rowCount === 1;
    },
  };
}

export async function closeControl(): Promise<void> {
  await pool?.end();
  pool = undefined;
}
