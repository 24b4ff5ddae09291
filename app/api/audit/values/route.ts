import { staffHandler } from "#app/_server/handler.ts";
import { offerQuery, offerValues } from "#db/audit/query/offer.ts";

/** What may complete a term of the log's filter. Stops when more letters are typed. */
export const GET = staffHandler("audit.read", offerQuery, (actor, input, request) =>
  offerValues(actor, input, request.signal),
);
