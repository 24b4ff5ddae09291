import { Readable } from "node:stream";
import { staffHandler } from "#app/_server/handler.ts";
import { exportAccess } from "#db/records/erasure/access/export.ts";
import { accessExportInput } from "#db/records/erasure/contract.ts";

/** What is known of a person, for the person: `format` is html, json or ndjson. */
export const GET = staffHandler("records.erase", accessExportInput, async (actor, input) => {
  const { name, type, lines } = await exportAccess(actor, input);
  return new Response(Readable.toWeb(Readable.from(lines)) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${name}"`,
      "x-content-type-options": "nosniff",
    },
  });
});
