import { staffHandler } from "#app/_server/handler.ts";
import { deletionRowsQuery } from "#db/records/bin/contract.ts";
import { deletionRows } from "#db/records/bin/deletion-rows.ts";

/** The rows of one deletion in the order in which they went; `cursor` is the `next` of the page before. */
export const GET = staffHandler("records.read", deletionRowsQuery, (actor, { cursor, ...deletion }) =>
  deletionRows(actor, deletion, cursor ?? null),
);
