import { Readable } from "node:stream";
import { staffHandler } from "#app/_server/handler.ts";
import { downloadInput } from "#db/backups/contract.ts";
import { openBackup } from "#db/backups/download.ts";

/** Streams the file as it is on disk; its checksum goes along, so that whoever receives it can compare. */
export const GET = staffHandler("backups.download", downloadInput, async (actor, input) => {
  const { handle, file, bytes, sha256 } = await openBackup(actor, input);
  const body = Readable.toWeb(handle.createReadStream({ highWaterMark: 1 << 18 }));
  return new Response(body as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(bytes),
      "content-disposition": `attachment; filename="${file}"`,
      "x-content-type-options": "nosniff",
      ...(sha256 ? { "x-checksum-sha256": sha256 } : {}),
    },
  });
});
