import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { Refusal } from "./errors.ts";

/** A client that runs something for a reader, and how it is reached while it does. */
export interface Reading {
  pool: pg.Pool;
  /** The backend that runs the client's statements. */
  pid: number;
  /** From now on the client runs nothing. */
  takeBack(): void;
}

const cancelMsMax = 2_000;
const againMs = 250;

/**
 * Work for a reader until they leave: then nothing more is begun, and the server is told to stop what it runs, so that nobody's
 * question outlives them. What is thrown after it ends the transaction and with it the connection.
 */
export async function untilLeft<T>(
  signal: AbortSignal | undefined,
  { pool, pid, takeBack }: Reading,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work();
  refuseLeft(signal);
  const ended = new AbortController();
  let cancelling: Promise<void> | null = null;
  const leave = () => {
    takeBack();
    cancelling = cancelBackend(pool, pid, ended.signal);
  };
  signal.addEventListener("abort", leave, { once: true });
  try {
    const value = await work();
    refuseLeft(signal);
    return value;
  } catch (error) {
    throw signal.aborted ? left(error) : error;
  } finally {
    signal.removeEventListener("abort", leave);
    ended.abort();
    await cancelling;
  }
}

/** Nothing is begun for a reader who has left. */
export function refuseLeft(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw left();
}

/**
 * By a connection of its own: those of the pool may all be running what was left. Where it gets none, the statement's timeout ends it.
 * A server that is just between the parts of a statement, its text and its run, forgets what it was told; so it is told again.
 */
async function cancelBackend({ options }: pg.Pool, pid: number, ended: AbortSignal): Promise<void> {
  const client = new pg.Client({ ...options, password: options.password, query_timeout: cancelMsMax });
  client.on("error", () => {});
  try {
    await client.connect();
    while (!ended.aborted) {
      await client.query("SELECT pg_cancel_backend($1)", [pid]);
      await pause(againMs, undefined, { signal: ended });
    }
  } catch {
    // Said above, or what was left has ended.
  } finally {
    await client.end().catch(() => {});
  }
}

function left(cause?: unknown): Refusal {
  return new Refusal("timeout", "The reader left before the answer.", { fix: "Ask again.", cause });
}
