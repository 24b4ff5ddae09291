import { Readable } from "node:stream";
import { staffHandler } from "#app/_server/handler.ts";
import { paperReference } from "#db/tenants/leave/contract.ts";
import { openPaper } from "#db/tenants/leave/papers.ts";

/** A tenant's export, archive or certificate; its checksum goes along. */
export const GET = staffHandler("tenants.write", paperReference, async (actor, input) => {
  const { name, type, sha256, body } = await openPaper(actor, input);
  const stream = Readable.from(body, { objectMode: false });
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${name}"`,
      "x-content-type-options": "nosniff",
      ...(sha256 ? { "x-checksum-sha256": sha256 } : {}),
    },
  });
});
