"use server";
import { staffAction } from "#app/_server/action.ts";
import { requestCancel } from "#db/jobs/cancel.ts";
import { jobReference } from "#db/jobs/contract.ts";

export const cancelJob = staffAction("jobs.cancel", jobReference, (actor, { id }) => requestCancel(actor, id));
