import type pg from "pg";
import { type Actor, tokenLabel } from "./actor.ts";
import { beginOn } from "./begin.ts";
import { lend } from "./deadline.ts";
import { untilLeft } from "./leaving.ts";
import { type Begun, isAnswer, type Ledger, outcomeOf, type Proof, recoveredSql } from "./outcome.ts";

/** In milliseconds. */
export interface Limits {
  /** 0: none. */
  statement: number;
  lock: number;
  /** Idle inside a transaction. */
  idle: number;
}

/**
 * How long each class of work may take. Every wait has an end; that of a statement which works through a whole table, however large, is
 * its job's: whoever gives `bulk` gives the job's signal too.
 */
export const limits = {
  page: { statement: 5_000, lock: 1_000, idle: 10_000 },
  write: { statement: 10_000, lock: 2_000, idle: 10_000 },
  long: { statement: 600_000, lock: 5_000, idle: 60_000 },
  bulk: { statement: 0, lock: 5_000, idle: 60_000 },
} as const satisfies Record<string, Limits>;

export interface TransactionOptions {
  actor?: Actor;
  tenantId?: string | null;
  reason?: string | null;
  isolation?: "READ COMMITTED" | "REPEATABLE READ" | "SERIALIZABLE";
  limits?: Limits;
  /** Ends the work in the database when it is aborted. */
  signal?: AbortSignal;
  /** Proves the outcome of a COMMIT that a crash of the server left unanswered. */
  ledger?: Ledger;
}

interface Open extends Begun {
  pid: number;
  /** Whether there was a ledger to write to when it began. */
  had: boolean;
}

/**
 * Runs `work` in one transaction on one client and commits it.
 *
 * The transaction that is committed is asserted to be the one that was begun (`pg_current_xact_id()`), a client is
 * destroyed after any error, and a COMMIT whose answer was lost is looked up on a new connection.
 * The client that `work` is given runs nothing once `work` has returned.
 * The actor's context reaches the audit triggers through transaction-local settings.
 *
 * @throws Refusal `unknown_outcome` when the server could not be asked what became of a COMMIT.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { statement } = options.limits ?? limits.write;
  const client = await beginOn(pool, `BEGIN ISOLATION LEVEL ${options.isolation ?? "READ COMMITTED"}`, statement);
  const { client: lent, takeBack } = lend(client, statement);
  let begun: Open;
  let value: T;
  try {
    begun = await carry(lent, options);
    value = await untilLeft(options.signal, { pool, pid: begun.pid, takeBack }, () => work(lent));
    begun.proof = await conclude(lent, begun, options.ledger);
  } catch (error) {
    client.release(asError(error));
    throw error;
  } finally {
    takeBack();
  }
  try {
    const { command } = await lend(client, statement).client.query("COMMIT");
    if (command !== "COMMIT") throw new Error(`The transaction was rolled back: COMMIT answered ${command}.`);
  } catch (error) {
    client.release(asError(error));
    if (!isAnswer(error) && (await outcomeOf(pool, begun, error)) === "committed") return value;
    throw error;
  }
  client.release();
  return value;
}

async function carry(client: pg.PoolClient, options: TransactionOptions): Promise<Open> {
  const { statement, lock, idle } = options.limits ?? limits.write;
  const context: Record<string, string> = {
    statement_timeout: String(statement),
    lock_timeout: String(lock),
    idle_in_transaction_session_timeout: String(idle),
    "app.current_user_id": options.actor?.staffId ?? options.actor?.name ?? "",
    "app.current_tenant_id": options.tenantId ?? "",
    "app.ip_address": options.actor?.ip ?? "",
    "app.user_agent": options.actor?.userAgent ?? "",
    "app.request_id": options.actor?.requestId ?? "",
    "app.reason": options.reason ?? "",
    "app.api_key": options.actor?.apiToken ? tokenLabel(options.actor.apiToken) : "",
  };
  const { rows } = await client.query<{ pid: number; xact: string; recovered: string | null; had: boolean }>(
    `SELECT pg_backend_pid() AS pid, pg_current_xact_id()::text AS xact, (${recoveredSql}) AS recovered, (${thereSql(options.ledger)}) AS had,
            count(set_config(key, value, true))
       FROM unnest($1::text[], $2::text[]) AS setting (key, value)`,
    [Object.keys(context), Object.values(context)],
  );
  const [row] = rows;
  if (!row) throw new Error("The transaction has no id.");
  return { ...row, proof: null };
}

/** A transaction that installs the ledger proves itself by its own row, and one that removes it by there being none. */
async function conclude(client: pg.PoolClient, { xact, had }: Open, ledger: Ledger | undefined): Promise<Proof | null> {
  const { rows } = await client.query<{ xact: string | null; has: boolean }>(
    `SELECT pg_current_xact_id_if_assigned()::text AS xact, (${thereSql(ledger)}) AS has`,
  );
  const [row] = rows;
  if (row?.xact !== xact) {
    throw new Error(`Transaction ${xact} was begun, but ${row?.xact ?? "none"} is open: the work ended it itself.`);
  }
  const { has } = row;
  if (!ledger || !(had || has)) return null;
  if (has) await ledger.write(client);
  return { had, has, ledger };
}

function thereSql(ledger: Ledger | undefined): string {
  return ledger?.there ?? "false";
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
