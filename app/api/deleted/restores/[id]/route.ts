import { Readable } from "node:stream";
import { staffHandler } from "#app/_server/handler.ts";
import { exportQuery } from "#db/records/restore/contract.ts";
import { exportRestore } from "#db/records/restore/report/export.ts";

/** The report of a restore as a file, with the proof of every row: `format` is csv or json. */
export const GET = staffHandler("records.read", exportQuery, async (actor, input) => {
  const { name, type, lines } = await exportRestore(actor, input);
  return new Response(Readable.toWeb(Readable.from(lines)) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${name}"`,
      "x-content-type-options": "nosniff",
    },
  });
});
