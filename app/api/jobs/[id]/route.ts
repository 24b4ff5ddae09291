import { pollHandler } from "#app/_server/handler.ts";
import { jobReference } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";

export const GET = pollHandler("jobs.read", jobReference, (actor, { id }) => readJob(actor, id));
