import { consoleDatabase, inDatabase, listAdopted, withDatabase } from "../fleet.ts";
import type { JobKind, RunningJob } from "../jobs/kind.ts";
import { plainMessage } from "../log.ts";
import { limits } from "../transaction.ts";
import { monthsAway } from "./archive/registry.ts";
import { strayMonths } from "./coverage/stray.ts";

const monthsAhead = 3;

/** Makes the log's partitions before they are needed, so that the DEFAULT partition stays empty. */
export const ensurePartitions: JobKind = {
  kind: "audit.partitions",
  async run(job) {
    const databaseIds = [consoleDatabase, ...(await listAdopted()).map(({ id }) => id)];
    const missed: string[] = [];
    for (const databaseId of databaseIds) {
      job.signal.throwIfAborted();
      try {
        await inDatabase(job.actor, databaseId, (client) =>
          client.query("SELECT caretaker.ensure_partitions($1)", [monthsAhead]),
        );
        await moveStrays(job, databaseId);
      } catch (error) {
        missed.push(databaseId);
        job.log(`No partitions made in ${databaseId}: ${plainMessage(error)}`);
      }
    }
    return { done: databaseIds.length - missed.length, missed };
  },
};

/**
 * Makes the months of which the DEFAULT partition caught entries, such as restored or late ones; add_partition moves them there. A
 * month that is in a file, or was removed, stays away: its strays leave when it is brought back.
 */
async function moveStrays(job: RunningJob, databaseId: string): Promise<void> {
  const months = await withDatabase(databaseId, strayMonths, { limits: limits.long });
  if (months.length === 0) return;
  const away = new Set(await monthsAway(databaseId));
  for (const month of months) {
    job.signal.throwIfAborted();
    if (away.has(month)) {
      job.log(`Entries of ${month} in ${databaseId} stay in the fallback partition: that month is archived.`);
      continue;
    }
    await inDatabase(job.actor, databaseId, (client) =>
      client.query("SELECT caretaker.add_partition($1::date)", [`${month}-01`]),
    );
  }
}
