import { setTimeout as pause } from "node:timers/promises";
import { and, isNull } from "drizzle-orm";
import { control } from "../../control.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { auditStreams } from "../../schema/exports.ts";
import { unseal } from "../../secrets/seal.ts";
import { filterOf } from "../export/filter.ts";
import { type Asked, askedBy } from "../query/asked.ts";
import { readBatch } from "./batch.ts";
import { advance, claimCursor, ensureCursor, fail, failStream, releaseCursor } from "./cursors.ts";
import { deliver } from "./deliver.ts";
import { failureWords } from "./failure-words.ts";

type StreamRow = typeof auditStreams.$inferSelect;

/** How long one run goes on; the schedule begins one every minute. */
const runMs = 57_000;
const everyMs = 2_000;

/** Sends on what was committed, every two seconds, until its minute is over. */
export const streamEntries: JobKind = {
  kind: "audit.streams",
  async run(job) {
    const until = performance.now() + runMs;
    let delivered = 0;
    while (!job.signal.aborted && performance.now() < until) {
      delivered += await pumpOnce(job.signal);
      await pause(everyMs, undefined, { signal: job.signal }).catch(() => undefined); // Being told to leave is no failure.
    }
    return { delivered };
  },
};

/** Sends on what waits now, over all streams and databases. One that fails does not hold up the others. */
export async function pumpOnce(signal: AbortSignal): Promise<number> {
  const streams = await control()
    .select()
    .from(auditStreams)
    .where(and(isNull(auditStreams.pausedAt), isNull(auditStreams.removedAt)));
  const counts = await Promise.all(streams.map((stream) => pumpOrSay(stream, signal)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function pumpOrSay(stream: StreamRow, signal: AbortSignal): Promise<number> {
  try {
    return await pumpStream(stream, signal);
  } catch (error) {
    await failStream(stream.id, failureWords(error));
    return 0;
  }
}

async function pumpStream(stream: StreamRow, signal: AbortSignal): Promise<number> {
  let delivered = 0;
  for (const database of await askedBy(filterOf(stream.query))) {
    if (signal.aborted) break;
    await ensureCursor(stream.id, database.id);
    delivered += await pumpDatabase(stream, database, signal);
  }
  return delivered;
}

async function pumpDatabase(stream: StreamRow, database: Asked, signal: AbortSignal): Promise<number> {
  let place = await claimCursor(stream.id, database.id);
  if (place === null) return 0;
  let delivered = 0;
  let waiting: string | null = null;
  try {
    for (let more = true; more && !signal.aborted; ) {
      const { entries, next, behindSince } = await readBatch(database, stream.format, place);
      waiting = entries[0]?.at ?? behindSince;
      if (entries.length > 0) {
        const secret = stream.secret === null ? null : unseal(stream.secret, stream.id);
        await deliver({ streamId: stream.id, target: stream.target, secret, databaseId: database.id, entries });
      }
      const first = await advance(stream.id, database.id, place, next, { delivered: entries.length, behindSince });
      delivered += entries.length;
      more = first && next.entryId !== "0";
      place = next;
    }
  } catch (error) {
    await fail(stream.id, database.id, failureWords(error), waiting);
  } finally {
    await releaseCursor(stream.id, database.id);
  }
  return delivered;
}
