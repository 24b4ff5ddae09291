import { staffHandler } from "#app/_server/handler.ts";
import { eventBatch } from "#db/audit/events/contract.ts";
import { reportEvents } from "#db/audit/events/report.ts";

/** Events of services that have no database connection; by API token with the capability events.write. */
export const POST = staffHandler("events.write", eventBatch, reportEvents);
