import { createHash, randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { partFolder } from "./parts.ts";

/** Whoever writes, and is told how far it is, until the signal is aborted. */
export type Writer = Pick<RunningJob, "actor" | "progress" | "signal">;

/** A file that is written from its beginning, and then put into the store whole. */
export interface GrowingFile {
  /** How many rows are to come. */
  expect(rows: number): void;
  line(text: string): Promise<void>;
  /** What COPY … TO STDOUT prints of a table: a line for each row. */
  copy(client: pg.ClientBase, table: string, sql: string): Promise<void>;
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
  { progress }: Pick<Writer, "progress">,
  tenantId: string,
  ending: string,
  write: (file: GrowingFile) => Promise<void>,
): Promise<StoredFile> {
  const object = `${objectPrefix(tenantId)}${randomBytes(6).toString("hex")}.${ending}`;
  const path = join(await partFolder(), `${basename(object)}.part`);
  const handle = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  let done = 0;
  let total: number | null = null;
  const append = async (chunk: Buffer): Promise<void> => {
    hash.update(chunk);
    bytes += chunk.length;
    for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
  };
  try {
    await write({
      expect: (rows) => {
        total = rows;
      },
      line: (text) => append(Buffer.from(`${text}\n`)),
      copy: async (client, table, sql) => {
        for await (const chunk of client.query(copyTo(sql))) {
          const text = Buffer.from(chunk);
          await append(text);
          done += linesIn(text);
          await progress({ done, total, unit: "rows", line: table });
        }
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

function linesIn(text: Buffer): number {
  let lines = 0;
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) lines += 1;
  return lines;
}
