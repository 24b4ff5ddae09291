import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { damaged } from "./refusals.ts";
import type { Checked, ObjectStore } from "./store.ts";

/** SHA-256 and length of whatever is streamed. */
export async function digest(chunks: AsyncIterable<Uint8Array>): Promise<Checked> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

export function digestFile(file: string, signal?: AbortSignal): Promise<Checked> {
  return digest(createReadStream(file, { highWaterMark: 1 << 20, ...(signal && { signal }) }));
}

/** Reads an object back from where it is stored, and refuses when it is not what was put there. */
export async function verifyObject(
  store: ObjectStore,
  key: string,
  expected: Checked,
  signal?: AbortSignal,
): Promise<void> {
  const found = await digest(store.read(key, signal));
  if (found.sha256 !== expected.sha256 || found.bytes !== expected.bytes) throw damaged(store.place, key);
}

/** Fetches an object into a file, checked on the way: a file that stands under that name is whole. */
export async function fetchObject(
  store: ObjectStore,
  key: string,
  file: string,
  expected: Checked,
  signal?: AbortSignal,
): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    const hash = createHash("sha256");
    for await (const chunk of store.read(key, signal)) {
      hash.update(chunk);
      await handle.write(chunk);
    }
    if (hash.digest("hex") !== expected.sha256) throw damaged(store.place, key);
  } finally {
    await handle.close();
  }
}

/** For Content-MD5, which guards an upload on its way and nothing more. */
export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
