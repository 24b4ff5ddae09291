import { pollHandler } from "#app/_server/handler.ts";
import { jobFilter } from "#db/jobs/contract.ts";
import { listJobs } from "#db/jobs/read.ts";

/** Every screen asks which jobs run. */
export const GET = pollHandler("jobs.read", jobFilter, listJobs);
