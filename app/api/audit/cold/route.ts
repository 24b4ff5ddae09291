import { staffHandler } from "#app/_server/handler.ts";
import { auditQuery } from "#db/audit/contract.ts";
import { coldLines } from "./lines.ts";

/**
 * Archived entries, newest first, with the filter of the page. The answer comes in lines of JSON: progress while it searches,
 * then the page or why there is none. Closing the connection ends the search.
 */
export const GET = staffHandler(
  "audit.read",
  auditQuery,
  async (actor, { cursor, ...filter }, request) =>
    new Response(coldLines(actor, filter, cursor ?? null, request.signal), {
      headers: {
        "content-type": "application/x-ndjson; charset=utf-8",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
      },
    }),
);
