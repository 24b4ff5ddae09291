import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { random } from "../faults/random.ts";

/** How long the application's statements took, and how long they waited for a lock. */
export interface Felt {
  statements: number;
  p99Ms: number;
  maxMs: number;
  /** The longest that a statement was seen waiting for a lock that somebody else had. */
  waitMaxMs: number;
}

const everyMs = 8;

/** Keys of rows that the application adds, beyond those that were there. */
let next = 1_000_000_000;

/**
 * An application at work on the table: six connections, each of which adds a row, changes a live one, and tries to change one that
 * may be purged at that moment. It starts a statement every 8 ms at most, and goes on until `stop`.
 */
export async function application(url: string, rows: number): Promise<{ stop(): Promise<Felt> }> {
  const stopping = new AbortController();
  const times: number[] = [];
  const workers = Array.from({ length: 6 }, async (_, at) => {
    const client = new pg.Client({ connectionString: url, application_name: "application" });
    await client.connect();
    const chance = random(at + 1);
    const some = () => 1 + Math.floor(chance() * rows * 1.1);
    while (!stopping.signal.aborted) {
      next += 1;
      for (const sql of [
        `INSERT INTO notes (id, tenant, body) VALUES (${next}, 'acme', 'new')`,
        `UPDATE notes SET body = 'changed' WHERE id = ${next}`,
        `UPDATE notes SET body = 'looked at' WHERE id = ${some()}`,
        `INSERT INTO comments (note_id) SELECT id FROM notes WHERE id = ${some()} AND deleted_at IS NULL`,
      ]) {
        const since = performance.now();
        await client.query(sql);
        const took = performance.now() - since;
        times.push(took);
        await pause(Math.max(0, everyMs - took));
      }
    }
    await client.end();
  });
  const watching = watchLocks(url, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(workers);
      const waitMaxMs = await watching;
      const sorted = times.toSorted((a, b) => a - b);
      return {
        statements: sorted.length,
        p99Ms: round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
        maxMs: round(sorted.at(-1) ?? 0),
        waitMaxMs: round(waitMaxMs),
      };
    },
  };
}

/** Asks every few milliseconds since when which of the application's statements has been waiting for a lock. */
async function watchLocks(url: string, signal: AbortSignal): Promise<number> {
  const client = new pg.Client({ connectionString: url, application_name: "watcher" });
  await client.connect();
  let longest = 0;
  while (!signal.aborted) {
    const { rows } = await client.query<{ ms: number | null }>(
      `SELECT max(extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)::float AS ms
         FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE NOT l.granted AND a.application_name = 'application'`,
    );
    longest = Math.max(longest, rows[0]?.ms ?? 0);
    await pause(4);
  }
  await client.end();
  return longest;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
