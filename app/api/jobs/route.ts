import { staffHandler } from "#app/_server/handler.ts";
import { jobFilter } from "#db/jobs/contract.ts";
import { listJobs } from "#db/jobs/read.ts";

export const GET = staffHandler("jobs.read", jobFilter, listJobs);
