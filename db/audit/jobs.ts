import { consoleDatabase, inDatabase, listAdopted } from "../fleet.ts";
import type { JobKind } from "../jobs/kind.ts";
import { plainMessage } from "../log.ts";

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
      } catch (error) {
        missed.push(databaseId);
        job.log(`No partitions made in ${databaseId}: ${plainMessage(error)}`);
      }
    }
    return { done: databaseIds.length - missed.length, missed };
  },
};
