import pg from "pg";
import { Refusal } from "./errors.ts";

const deadlineMs = 30_000;
/** A transaction that is still open after this long never got its COMMIT: its backend waits for a client that is gone. */
const patienceMs = 3_000;

/** Rows that prove a transaction: written inside it under an id that nobody else uses. */
export interface Ledger {
  /** SQL, a boolean: whether there is a place to write to. */
  there: string;
  write(client: pg.ClientBase): Promise<void>;
  holds(client: pg.ClientBase): Promise<boolean>;
}

/** What proves that a transaction committed: its row in the ledger, or, where it took the ledger itself away, that there is none. */
export interface Proof {
  /** Whether there was a ledger when it began, and when it ended. */
  had: boolean;
  has: boolean;
  ledger: Ledger;
}

/** A transaction as it was begun. */
export interface Begun {
  xact: string;
  /** When the server last lost its statistics, which it does whenever it recovers from a crash. */
  recovered: string | null;
  proof: Proof | null;
}

type Outcome = "committed" | "aborted";

export const recoveredSql = "SELECT stats_reset::text FROM pg_stat_bgwriter";

/**
 * What became of a transaction whose COMMIT was not answered, asked on new connections.
 *
 * The id alone proves it only while the server has not crashed since: an id whose records were lost in a crash is given to
 * another transaction afterwards, and `pg_xact_status` then speaks of that one. After a crash the ledger decides.
 *
 * @throws Refusal `unknown_outcome` when no server answers within 30 s, or nothing can prove it.
 */
export async function outcomeOf(pool: pg.Pool, begun: Begun, cause: unknown): Promise<Outcome> {
  const since = performance.now();
  while (performance.now() - since < deadlineMs) {
    const outcome = await ask(pool, begun, performance.now() - since > patienceMs);
    if (outcome === "doubtful") break;
    if (outcome) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Refusal(
    "unknown_outcome",
    "The connection was lost while committing, and what became of it is not known.",
    {
      fix: "Reload in a minute: the change is either there whole or not at all.",
      cause,
    },
  );
}

async function ask(pool: pg.Pool, begun: Begun, impatient: boolean): Promise<Outcome | "doubtful" | null> {
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
    const { rows } = await client.query<{ stats_reset: string | null }>(recoveredSql);
    const crashed = rows[0]?.stats_reset !== begun.recovered;
    return crashed ? await afterCrash(client, begun) : await byId(client, begun.xact, impatient);
  } catch {
    return null; // the server is still away; the caller asks again until its deadline
  } finally {
    // Not awaited: a connection into a black hole would not end before its timeout.
    void client.end().catch(() => {});
  }
}

async function byId(client: pg.Client, xact: string, impatient: boolean): Promise<Outcome | null> {
  if (impatient) {
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = $1::xid8::xid", [
      xact,
    ]);
  }
  const status = await statusOf(client, xact);
  return status === "committed" || status === "aborted" ? status : null;
}

/** No transaction survives a crash in progress, and an id that lies in the future or is in use again was lost. */
async function afterCrash(client: pg.Client, { xact, proof }: Begun): Promise<Outcome | "doubtful"> {
  if (proof) {
    const { rows } = await client.query<{ there: boolean }>(`SELECT ${proof.ledger.there} AS there`);
    const there = rows[0]?.there === true;
    if (!proof.has) return there ? "aborted" : "committed";
    if (there) return (await proof.ledger.holds(client)) ? "committed" : "aborted";
    if (!proof.had) return "aborted";
    // Somebody took the ledger away since: only the id is left.
  }
  return (await statusOf(client, xact)) === "committed" ? "doubtful" : "aborted";
}

async function statusOf(client: pg.Client, xact: string): Promise<string | null> {
  try {
    const { rows } = await client.query<{ status: string | null }>("SELECT pg_xact_status($1::xid8) AS status", [xact]);
    return rows[0]?.status ?? null;
  } catch (error) {
    // invalid_parameter_value: "transaction ID … is in the future"
    if (error instanceof pg.DatabaseError && error.code === "22023") return "aborted";
    throw error;
  }
}

/** Whether the server itself refused a statement, such as a COMMIT for a deferred constraint; then nothing is in doubt. */
export function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === "ERROR";
}
