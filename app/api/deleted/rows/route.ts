import { staffHandler } from "#app/_server/handler.ts";
import { listDeleted } from "#db/records/bin/rows.ts";
import { deletedQuery } from "#db/records/contract.ts";

/** Deleted rows, newest first, with the filter of the page; `cursor` is the `next` of the page before. */
export const GET = staffHandler("records.read", deletedQuery, (actor, { cursor, ...filter }) =>
  listDeleted(actor, filter, cursor ?? null),
);
