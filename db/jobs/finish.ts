import { randomUUID } from "node:crypto";
import type { Actor } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { plainMessage } from "../log.ts";
import { type Leased, LeaseLost } from "./lease.ts";

export type Ending =
  | { state: "done"; result: Record<string, unknown> }
  | { state: "failed"; error: string }
  | { state: "cancelled"; error: string | null };

/** Writes how the job ended, once: a worker that lost its lease ends nothing. */
export async function finish(worker: Actor, job: Leased, ending: Ending): Promise<void> {
  await inControl(worker, async (_tx, client) => {
    const { rowCount } = await client.query(
      `UPDATE jobs
          SET state = $3, result = $4, error = $5, finished_at = now(), lease_owner = NULL, lease_until = NULL,
              revision = revision + 1
        WHERE id = $1 AND lease_epoch = $2 AND state = 'running'`,
      [
        job.id,
        job.epoch,
        ending.state,
        ending.state === "done" ? JSON.stringify(ending.result) : null,
        ending.state === "done" ? null : ending.error,
      ],
    );
    if (rowCount === 0) throw new LeaseLost(job.id);
  });
}

/** What to tell people about a failure: a refusal in its own words, anything else with a reference into the log. */
export function failureOf(error: unknown): { message: string; reference: string | null } {
  if (error instanceof Refusal) {
    return { message: error.fix ? `${error.message} ${error.fix}` : error.message, reference: null };
  }
  const reference = randomUUID().slice(0, 8);
  return {
    message: `It stopped unexpectedly: ${plainMessage(error).replace(/\.$/, "")}. Reference ${reference}.`,
    reference,
  };
}

/**
 * Whether a database was away, the console's own or a managed one; the job then waits for it and goes on from its receipts. What
 * became of a lost COMMIT need not be known for that: a step may be repeated.
 */
export function isInterruption(error: unknown): boolean {
  // Drizzle wraps what the driver said, and so does the refusal that names an unreachable server.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof Refusal) {
      if (cause.code === "unknown_outcome") return true;
      if (cause.code !== "unreachable") return false;
    } else if (saysAway(cause)) return true;
  }
  return false;
}

/**
 * Whether trying again may do: an interruption, or a statement that gave way to another transaction (lock_not_available,
 * deadlock_detected, serialization_failure) and changed nothing.
 */
export function isTransient(error: unknown): boolean {
  return isInterruption(error) || gaveWay(error);
}

function gaveWay(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof Refusal) return false;
    if ("code" in cause && /^(55P03|40P01|40001)$/.test(String(cause.code))) return true;
  }
  return false;
}

function saysAway(error: Error): boolean {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return (
    /^(08|57P0[1-5])/.test(code) ||
    /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH)$/.test(code) ||
    /Connection terminated|Client was closed|timeout exceeded when trying to connect|not queryable|no answer within|Query read timeout|timeout expired/i.test(
      error.message,
    )
  );
}
