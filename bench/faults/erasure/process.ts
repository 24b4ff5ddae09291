import { erasureJobs } from "#db/records/erasure/jobs.ts";
import { finishJob } from "../finish-job.ts";
import { serve } from "../in-hand.ts";

serve(async ({ job }: { job: string }) => {
  await finishJob(erasureJobs, job, 240_000);
  return {};
});
