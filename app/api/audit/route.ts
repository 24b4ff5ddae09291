import { staffHandler } from "#app/_server/handler.ts";
import { readAudit } from "#db/audit/asked.ts";
import { auditQuery } from "#db/audit/contract.ts";

/** The log, newest first, with the filter of the page; `cursor` is the `next` of the page before. Stops when the reader leaves. */
export const GET = staffHandler("audit.read", auditQuery, (actor, { cursor, ...filter }, request) =>
  readAudit(actor, filter, cursor ?? null, request.signal),
);
