import { systemActor } from "#db/mint.ts";
import { restoreJobs } from "#db/records/restore/jobs.ts";
import { runRestore } from "#db/records/restore/run.ts";
import { finishJob } from "../finish-job.ts";
import { serve } from "../in-hand.ts";

/** A plan to run, by a job in chunks where it is given their sizes; or the job of one, to go on with. */
export type Given = { plan: string; sizes?: { atOnce: number; inChunk: number } } | { job: string };

export interface Answer {
  restore: string;
}

const actor = systemActor("faults");

serve(async (given: Given): Promise<Partial<Answer>> => {
  if ("job" in given) {
    await finishJob(restoreJobs, given.job, 60_000);
    return {};
  }
  const { restore, job } = await runRestore(actor, { plan: given.plan, reason: "faults" }, given.sizes);
  if (job !== null) await finishJob(restoreJobs, job, 60_000);
  return { restore };
});
