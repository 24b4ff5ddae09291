import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Actor } from "../actor.ts";
import { consoleDatabase, inDatabase, listAdopted, withDatabase } from "../fleet.ts";
import type { JobKind, RunningJob } from "../jobs/kind.ts";
import { plainMessage } from "../log.ts";
import { limits } from "../transaction.ts";

const entriesAtOnce = 5_000;
const roundSeconds = 10;

/**
 * Due every minute, and at it for most of one, in rounds: what single-row updates staged moves to its month, so that no reader meets more
 * than some seconds of it without an index.
 */
export const indexLogs: JobKind = {
  kind: "audit.index",
  async run(job) {
    const ends = Date.now() + (60 - roundSeconds) * 1_000;
    const missed = new Set<string>();
    let entries = 0;
    for (;;) {
      entries += await indexAll(job, missed);
      if (Date.now() + roundSeconds * 1_000 > ends) return { entries, missed: [...missed] };
      await pause(roundSeconds * 1_000, undefined, { signal: job.signal });
    }
  },
};

/** Servers beside each other, so that one that is silent holds up none of the others'. A database that could not be reached is left out. */
async function indexAll(job: RunningJob, missed: Set<string>): Promise<number> {
  const adopted = (await listAdopted()).filter(({ id }) => !missed.has(id));
  const servers = Map.groupBy([{ id: consoleDatabase, serverId: "" }, ...adopted], ({ serverId }) => serverId);
  const counts = await Promise.all(
    [...servers.values()].map(async (databases) => {
      let entries = 0;
      for (const { id } of databases) {
        job.signal.throwIfAborted();
        try {
          entries += await indexStaged(job.actor, id, job.signal);
        } catch (error) {
          missed.add(id);
          job.log(`Nothing indexed in ${id}: ${plainMessage(error)}`);
        }
      }
      return entries;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Moves a log's staged entries to their months, batch by batch, each in a transaction of its own. Answers how many it moved: none where
 * the log is of before there were any, and none for whoever may not. Where none waits, nothing is written.
 */
export async function indexStaged(actor: Actor, databaseId: string, signal?: AbortSignal): Promise<number> {
  if (!(await withDatabase(databaseId, anyWaits))) return 0;
  let entries = 0;
  for (let last = entriesAtOnce; last === entriesAtOnce; entries += last) {
    signal?.throwIfAborted();
    last = await inDatabase(actor, databaseId, indexSome, { limits: limits.long });
  }
  return entries;
}

async function anyWaits(client: pg.PoolClient): Promise<boolean> {
  const { rowCount: may } = await client.query(
    "SELECT WHERE has_function_privilege(to_regprocedure('caretaker.index_staged(integer)'), 'EXECUTE')",
  );
  if (may === 0) return false;
  const { rowCount } = await client.query("SELECT FROM caretaker.audit_logs WHERE staged LIMIT 1");
  return rowCount === 1;
}

async function indexSome(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ moved: number }>("SELECT caretaker.index_staged($1) AS moved", [entriesAtOnce]);
  return rows[0]?.moved ?? 0;
}
