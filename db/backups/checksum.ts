import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pathOf } from "./folder.ts";

export interface Checksum {
  sha256: string;
  bytes: number;
}

/** SHA-256 and length of a backup's file as it is on disk now; null when there is no such file. */
export async function checksumOf(
  file: string,
  signal: AbortSignal,
  onProgress: (bytes: number) => Promise<void>,
): Promise<Checksum | null> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(await pathOf(file), { signal, highWaterMark: 1 << 20 })) {
      hash.update(chunk);
      bytes += chunk.length;
      await onProgress(bytes);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  return { sha256: hash.digest("hex"), bytes };
}
