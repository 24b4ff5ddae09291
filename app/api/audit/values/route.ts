import { staffHandler } from "#app/_server/handler.ts";
import { offerQuery, offerValues } from "#db/audit/query/offer.ts";

/** What may complete a term of the log's filter. */
export const GET = staffHandler("audit.read", offerQuery, offerValues);
