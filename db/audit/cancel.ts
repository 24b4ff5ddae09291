import type pg from "pg";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";

/**
 * Runs statements on a lent client until the reader leaves: then the server is told to stop, so that nobody's question outlives
 * them. What is thrown after it ends the transaction and with it the connection.
 */
export async function whileRead<T>(
  client: pg.ClientBase,
  databaseId: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work();
  if (signal.aborted) throw left();
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  let cancelling: Promise<unknown> | null = null;
  const cancel = () => {
    cancelling = withDatabase(databaseId, (other) => other.query("SELECT pg_cancel_backend($1)", [rows[0]?.pid]));
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? left(error) : error;
  } finally {
    signal.removeEventListener("abort", cancel);
    await cancelling;
  }
}

function left(cause?: unknown): Refusal {
  return new Refusal("timeout", "The reader left before the answer.", { fix: "Ask again.", cause });
}
