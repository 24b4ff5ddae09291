import { staffHandler } from "#app/_server/handler.ts";
import { jobReference } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";

export const GET = staffHandler("jobs.read", jobReference, (actor, { id }) => readJob(actor, id));
