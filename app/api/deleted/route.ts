import { staffHandler } from "#app/_server/handler.ts";
import { deletionsQuery } from "#db/records/bin/contract.ts";
import { listDeletions } from "#db/records/bin/list.ts";

/** Deletions, newest first, with the filter of the page; `cursor` is the `next` of the page before. Stops when the reader leaves. */
export const GET = staffHandler("records.read", deletionsQuery, (actor, { cursor, ...filter }, request) =>
  listDeletions(actor, filter, cursor ?? null, undefined, request.signal),
);
