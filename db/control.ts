import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { Actor } from "./actor.ts";
import { environment } from "./environment.ts";
import { Refusal } from "./errors.ts";
import { ledgerIn } from "./ledger.ts";
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

/**
 * For writes: one transaction in the control database that carries the actor to its audit triggers.
 *
 * @throws Refusal `unrecorded` when an audit row could not be written; then nothing else was either.
 */
export async function inControl<T>(
  actor: Actor,
  work: (tx: Control, client: pg.PoolClient) => Promise<T>,
  options: Omit<TransactionOptions, "actor" | "ledger"> = {},
): Promise<T> {
  try {
    return await inTransaction(controlPool(), (client) => work(drizzle(client), client), {
      ...options,
      actor,
      ledger: ledgerIn("public.operations"),
    });
  } catch (error) {
    throw isUnrecorded(error) ? unrecorded(error) : error;
  }
}

/** Whether it was the audit trigger that failed. Waits that ran out (57014, 55P03) and lost servers (57P0x) are told as such. */
function isUnrecorded(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof pg.DatabaseError)) continue;
    return /function caretaker\.capture_/.test(cause.where ?? "") && !/^(57|55P03)/.test(cause.code ?? "");
  }
  return false;
}

function unrecorded(cause: unknown): Refusal {
  return new Refusal("unrecorded", "The audit log could not be written, so nothing was done.", {
    fix: "Look at the audit partitions and triggers of the console under Performance, then try again.",
    cause,
  });
}

export async function closeControl(): Promise<void> {
  await pool?.end();
  pool = undefined;
}
