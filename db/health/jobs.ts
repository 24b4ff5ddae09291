import { consoleDatabase, listAdopted } from "../fleet.ts";
import type { JobKind } from "../jobs/kind.ts";
import { plainMessage } from "../log.ts";
import { sampleDatabase } from "./sample.ts";

/** One reading of every database. One that is away leaves a gap, and is named in the result. */
export const sample: JobKind = {
  kind: "health.sample",
  async run(job) {
    const databaseIds = [...(await listAdopted()).map(({ id }) => id), consoleDatabase];
    const missed: string[] = [];
    for (const databaseId of databaseIds) {
      job.signal.throwIfAborted();
      try {
        await sampleDatabase(job.actor, databaseId);
      } catch (error) {
        missed.push(databaseId);
        job.log(`No sample of ${databaseId}: ${plainMessage(error)}`);
      }
    }
    return { sampled: databaseIds.length - missed.length, missed };
  },
};

export const healthJobs: JobKind[] = [sample];
