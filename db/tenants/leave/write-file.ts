import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { environment } from "../../environment.ts";
import { objectStore } from "../../objects/configured.ts";

/** A file that is written from its beginning, and then put into the store whole. */
export interface GrowingFile {
  line(text: string): Promise<void>;
  /** What COPY … TO STDOUT prints. */
  copy(client: pg.ClientBase, sql: string): Promise<void>;
}

export interface StoredFile {
  object: string;
  bytes: number;
  sha256: string;
}

/** What the names of all of a tenant's files begin with. */
export function objectPrefix(tenantId: string): string {
  return `tenants/${tenantId}-`;
}

/** Writes a file outside the store, and stores it once it is whole. Every attempt has a name of its own. */
export async function storeFile(
  tenantId: string,
  ending: string,
  write: (file: GrowingFile) => Promise<void>,
): Promise<StoredFile> {
  const folder = resolve(environment().CARETAKER_DATA, "tenants");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const object = `${objectPrefix(tenantId)}${randomBytes(6).toString("hex")}.${ending}`;
  const path = join(folder, `${basename(object)}.part`);
  const handle = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  const append = async (chunk: Buffer): Promise<void> => {
    hash.update(chunk);
    bytes += chunk.length;
    for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
  };
  try {
    await write({
      line: (text) => append(Buffer.from(`${text}\n`)),
      copy: async (client, sql) => {
        for await (const chunk of client.query(copyTo(sql))) await append(Buffer.from(chunk));
      },
    });
    await handle.datasync();
    await handle.close();
    await objectStore().put(object, path);
    return { object, bytes, sha256: hash.digest("hex") };
  } finally {
    await handle.close().catch(() => {});
    await rm(path, { force: true });
  }
}
