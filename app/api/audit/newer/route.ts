import { pollHandler } from "#app/_server/handler.ts";
import { countNewer, newerQuery } from "#db/audit/newer.ts";

/** How many entries have come since the first one of a list. */
export const GET = pollHandler("audit.read", newerQuery, (actor, input, request) =>
  countNewer(actor, input, request.signal),
);
