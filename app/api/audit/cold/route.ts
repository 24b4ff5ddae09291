import { staffHandler } from "#app/_server/handler.ts";
import { readCold } from "#db/audit/cold/read.ts";
import { auditQuery } from "#db/audit/contract.ts";
import { coldLines } from "./lines.ts";

/**
 * Archived entries, newest first, with the filter of the page. The answer comes in lines of JSON: progress while it searches,
 * then the page or why there is none. Closing the connection ends the search.
 */
export const GET = staffHandler("audit.read", auditQuery, async (actor, { cursor = null, ...filter }, request) =>
  coldLines("/api/audit/cold", request.signal, async (finding) => {
    return { kind: "page", page: await readCold(actor, filter, { cursor, ...finding }) };
  }),
);
