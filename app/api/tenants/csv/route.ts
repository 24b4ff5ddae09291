import { Readable } from "node:stream";
import { staffHandler } from "#app/_server/handler.ts";
import { tenantFilter } from "#db/tenants/contract.ts";
import { tenantCsv } from "#db/tenants/csv.ts";

/** The whole list of a filter as a file. */
export const GET = staffHandler("tenants.read", tenantFilter, async (actor, filter) => {
  const lines = Readable.from(tenantCsv(actor, filter), { objectMode: false });
  return new Response(Readable.toWeb(lines) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="tenants.csv"',
      "x-content-type-options": "nosniff",
    },
  });
});
