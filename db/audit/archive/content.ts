import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { archivedColumns, printed } from "./columns.ts";

/** A month's entries as PostgreSQL prints them, oldest first: what partition and file are compared by. */
export interface Content {
  sha256: string;
  rows: number;
  bytes: number;
  /** The longest line, for whoever must hold one in memory. */
  longest: number;
}

/** Prints a table of entries, into a file when one is given. `relation` is quoted. */
export async function copyOut(
  client: pg.ClientBase,
  relation: string,
  file: string | null,
  onBytes: (bytes: number) => Promise<void> = async () => {},
): Promise<Content> {
  const source = client.query(
    copyTo(
      `COPY (SELECT ${printed} FROM ${relation} ORDER BY created_at, id)
         TO STDOUT (FORMAT csv, NULL '\\N', FORCE_QUOTE *, ENCODING 'UTF8')`,
    ),
  );
  const hash = createHash("sha256");
  const seen = { bytes: 0, longest: 0, line: 0 };
  const meter = new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      measure(seen, chunk);
      await onBytes(seen.bytes).then(() => done(null, chunk), done);
    },
  });
  const sink = file === null ? new Writable({ write: (_chunk, _encoding, done) => done() }) : createWriteStream(file);
  await pipeline(source, meter, sink);
  return { sha256: hash.digest("hex"), rows: source.rowCount ?? 0, bytes: seen.bytes, longest: seen.longest };
}

/** Loads what `copyOut` printed. */
export async function copyIn(client: pg.ClientBase, relation: string, file: string): Promise<void> {
  const names = archivedColumns.map(({ name }) => name).join(", ");
  const sink = client.query(
    copyFrom(`COPY ${relation} (${names}) FROM STDIN (FORMAT csv, NULL '\\N', ENCODING 'UTF8')`),
  );
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), sink);
}

function measure(seen: { bytes: number; longest: number; line: number }, chunk: Buffer): void {
  seen.bytes += chunk.length;
  let start = 0;
  for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
    seen.longest = Math.max(seen.longest, seen.line + end - start);
    seen.line = 0;
    start = end + 1;
  }
  seen.line += chunk.length - start;
}
