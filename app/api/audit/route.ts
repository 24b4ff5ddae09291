import { staffHandler } from "#app/_server/handler.ts";
import { auditQuery } from "#db/audit/contract.ts";
import { searchAudit } from "#db/audit/search.ts";

/** The log, newest first, with the filter of the page; `cursor` is the `next` of the page before. */
export const GET = staffHandler("audit.read", auditQuery, (actor, { cursor, ...filter }) =>
  searchAudit(actor, filter, cursor ?? null),
);
