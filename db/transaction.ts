import type pg from "pg";
import type { Actor } from "./actor.ts";
import { Refusal } from "./errors.ts";

/** How long each class of work may take, in milliseconds. Every wait has an end. */
export const limits = {
  page: { statement: 5_000, lock: 1_000, idle: 10_000 },
  write: { statement: 10_000, lock: 2_000, idle: 10_000 },
  long: { statement: 600_000, lock: 5_000, idle: 60_000 },
} as const;

export interface TransactionOptions {
  actor?: Actor;
  tenantId?: string | null;
  reason?: string | null;
  isolation?: "READ COMMITTED" | "REPEATABLE READ" | "SERIALIZABLE";
  limits?: (typeof limits)[keyof typeof limits];
}

/**
 * Runs `work` in one transaction on one client and commits it.
 *
 * The transaction that is committed is asserted to be the one that was begun (`pg_current_xact_id()`), a client is
 * destroyed after any error, and a COMMIT whose answer was lost is looked up by its transaction id on a new connection.
 * The actor's context reaches the audit triggers through transaction-local settings.
 *
 * @throws Refusal `unknown_outcome` when the server could not be asked what became of a COMMIT.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect();
  let xact: string;
  let value: T;
  try {
    xact = await begin(client, options);
    value = await work(client);
    await assertSame(client, xact);
  } catch (error) {
    client.release(asError(error));
    throw error;
  }
  try {
    const { command } = await client.query("COMMIT");
    if (command !== "COMMIT") throw new Error(`The transaction was rolled back: COMMIT answered ${command}.`);
  } catch (error) {
    client.release(asError(error));
    if ((await outcomeOf(pool, xact, error)) === "committed") return value;
    throw error;
  }
  client.release();
  return value;
}

async function begin(client: pg.PoolClient, options: TransactionOptions): Promise<string> {
  const { statement, lock, idle } = options.limits ?? limits.write;
  await client.query(`BEGIN ISOLATION LEVEL ${options.isolation ?? "READ COMMITTED"}`);
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
  };
  const { rows } = await client.query<{ xact: string }>(
    `SELECT pg_current_xact_id()::text AS xact, count(set_config(key, value, true))
       FROM unnest($1::text[], $2::text[]) AS setting (key, value)`,
    [Object.keys(context), Object.values(context)],
  );
  const [row] = rows;
  if (!row) throw new Error("The transaction has no id.");
  return row.xact;
}

async function assertSame(client: pg.PoolClient, begun: string): Promise<void> {
  const { rows } = await client.query<{ xact: string | null }>("SELECT pg_current_xact_id_if_assigned()::text AS xact");
  if (rows[0]?.xact !== begun) {
    throw new Error(`Transaction ${begun} was begun, but ${rows[0]?.xact ?? "none"} is open. Nothing was committed.`);
  }
}

/** What became of a transaction whose COMMIT was not answered. Asked on new connections until `deadline`. */
async function outcomeOf(pool: pg.Pool, xact: string, cause: unknown): Promise<"committed" | "aborted"> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const status = await statusOf(pool, xact);
    if (status === "committed" || status === "aborted") return status;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Refusal("unknown_outcome", "The connection was lost while committing, and the server does not answer.", {
    fix: "Reload in a minute: the change is either there whole or not at all.",
    cause,
  });
}

async function statusOf(pool: pg.Pool, xact: string): Promise<string | null> {
  try {
    const { rows } = await pool.query<{ status: string | null }>("SELECT pg_xact_status($1::xid8) AS status", [xact]);
    return rows[0]?.status ?? null;
  } catch {
    return null; // the server is still away; the caller asks again until its deadline
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
