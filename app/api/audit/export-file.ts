import { Readable } from "node:stream";
import type { OpenedExport } from "#db/audit/export/download.ts";

/** Streams the file as it is stored; length and checksum go along, so that whoever receives it can compare. */
export function fileResponse({ body, name, bytes, sha256 }: OpenedExport): Response {
  const stream = Readable.toWeb(Readable.from(body, { objectMode: false, highWaterMark: 1 << 18 }));
  return new Response(stream as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(bytes),
      "content-disposition": `attachment; filename="${name}"`,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      ...(sha256 ? { "x-checksum-sha256": sha256 } : {}),
    },
  });
}
