import pg from "pg";
import { Refusal } from "./errors.ts";

const deadlineMs = 30_000;
/** A transaction that is still open after this long never got its COMMIT: its backend waits for a client that is gone. */
const patienceMs = 3_000;

/**
 * What became of a transaction whose COMMIT was not answered, asked on new connections.
 *
 * @throws Refusal `unknown_outcome` when no server answers within 30 s.
 */
export async function outcomeOf(pool: pg.Pool, xact: string, cause: unknown): Promise<"committed" | "aborted"> {
  const begun = performance.now();
  while (performance.now() - begun < deadlineMs) {
    const status = await ask(pool, xact, performance.now() - begun > patienceMs);
    if (status === "committed" || status === "aborted") return status;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Refusal("unknown_outcome", "The connection was lost while committing, and the server does not answer.", {
    fix: "Reload in a minute: the change is either there whole or not at all.",
    cause,
  });
}

async function ask(pool: pg.Pool, xact: string, end: boolean): Promise<string | null> {
  // The pool hides its password from copies; a connection of the pool itself may be as dead as the one that was lost.
  const client = new pg.Client({
    ...pool.options,
    password: pool.options.password,
    connectionTimeoutMillis: 3_000,
    query_timeout: 3_000,
  });
  client.on("error", () => {}); // a lost connection shows at the query
  try {
    await client.connect();
    if (end) {
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = $1::xid8::xid", [
        xact,
      ]);
    }
    const { rows } = await client.query<{ status: string | null }>("SELECT pg_xact_status($1::xid8) AS status", [xact]);
    return rows[0]?.status ?? null;
  } catch {
    return null; // the server is still away; the caller asks again until its deadline
  } finally {
    // Not awaited: a connection into a black hole would not end before its timeout.
    void client.end().catch(() => {});
  }
}
