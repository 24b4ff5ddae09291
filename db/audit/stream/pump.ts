import { setTimeout as pause } from "node:timers/promises";
import { and, isNull } from "drizzle-orm";
import { control } from "../../control.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { auditStreams } from "../../schema/exports.ts";
import { filterOf } from "../export/filter.ts";
import { type Asked, askedBy } from "../query/asked.ts";
import { type Batch, readBatch } from "./batch.ts";
import { advance, claimCursor, ensureCursor, fail, failStream, releaseCursor } from "./cursors.ts";
import { deliverFitting } from "./deliver.ts";
import { failureWords } from "./failure-words.ts";
import { openStreamSecret } from "./secret.ts";
import type { StreamRow } from "./standing.ts";

/** How long one run goes on; the schedule begins one every minute. */
const runMs = 57_000;
const everyMs = 2_000;

/** Sends on what was committed, every two seconds, until its minute is over. Each stream goes on in each database by itself. */
export const streamEntries: JobKind = {
  kind: "audit.streams",
  async run(job) {
    const until = performance.now() + runMs;
    const busy = new Map<string, Promise<void>>();
    let delivered = 0;
    while (!job.signal.aborted && performance.now() < until) {
      for (const { stream, database } of await turnsNow()) {
        const turn = `${stream.id} ${database.id}`;
        if (busy.has(turn)) continue;
        const sending = pumpDatabase(stream, database, job.signal, until).then(
          (count) => {
            delivered += count;
          },
          (error: unknown) => job.log(`${stream.name} sends nothing of ${database.name}: ${failureWords(error)}`),
        );
        busy.set(
          turn,
          sending.finally(() => busy.delete(turn)),
        );
      }
      await pause(everyMs, undefined, { signal: job.signal }).catch(() => undefined); // Being told to leave is no failure.
    }
    await Promise.all(busy.values());
    return { delivered };
  },
};

/** Sends on what waits now, over all streams and databases. One that fails does not hold up the others. */
export async function pumpOnce(signal: AbortSignal): Promise<number> {
  const turns = await turnsNow();
  const counts = await Promise.all(turns.map(({ stream, database }) => pumpDatabase(stream, database, signal)));
  return counts.reduce((sum, count) => sum + count, 0);
}

interface Turn {
  stream: StreamRow;
  database: Asked;
}

/** Each stream with each database that it asks; one of which that cannot be told says so itself. */
async function turnsNow(): Promise<Turn[]> {
  const streams = await control()
    .select()
    .from(auditStreams)
    .where(and(isNull(auditStreams.pausedAt), isNull(auditStreams.removedAt)));
  return (await Promise.all(streams.map(turnsOf))).flat();
}

async function turnsOf(stream: StreamRow): Promise<Turn[]> {
  try {
    return (await askedBy(filterOf(stream.query))).map((database) => ({ stream, database }));
  } catch (error) {
    await failStream(stream, failureWords(error));
    return [];
  }
}

async function pumpDatabase(
  stream: StreamRow,
  database: Asked,
  signal: AbortSignal,
  until = Number.POSITIVE_INFINITY,
): Promise<number> {
  await ensureCursor(stream, database.id);
  let place = await claimCursor(stream, database.id);
  if (place === null) return 0;
  let delivered = 0;
  let waiting: string | null = null;
  // What the receiver finds too large is sent in smaller parts from then on, until the next run tries a whole batch again.
  let entriesMax = Number.POSITIVE_INFINITY;
  try {
    for (let more = true; more && !signal.aborted && performance.now() < until; ) {
      const batch = await readBatch(database, stream.format, place);
      waiting = batch.entries[0]?.at ?? batch.behindSince;
      const sent = await sendBatch(stream, database.id, batch, entriesMax);
      if (sent < batch.entries.length) entriesMax = sent;
      const { next, behindSince } = upTo(batch, sent);
      const goesOn = await advance(stream, database.id, place, next, { delivered: sent, behindSince });
      delivered += sent;
      more = goesOn && next.entryId !== "0";
      place = next;
    }
  } catch (error) {
    await fail(stream, database.id, failureWords(error), waiting);
  } finally {
    await releaseCursor(stream.id, database.id);
  }
  return delivered;
}

async function sendBatch(
  { id, revision, secret, target }: StreamRow,
  databaseId: string,
  { entries }: Batch,
  entriesMax: number,
): Promise<number> {
  if (entries.length === 0) return 0;
  const opened = openStreamSecret({ id, secret });
  return deliverFitting({ streamId: id, revision, target, secret: opened, databaseId, entries }, entriesMax);
}

/** Where a batch leaves off of which so many entries were sent. */
function upTo({ entries, next, behindSince }: Batch, sent: number): Pick<Batch, "next" | "behindSince"> {
  const [last, waiting] = [entries[sent - 1], entries[sent]];
  if (!last || !waiting) return { next, behindSince };
  return { next: { transactionId: last.transactionId, entryId: last.id }, behindSince: waiting.at };
}
