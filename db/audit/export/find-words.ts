import { join } from "node:path";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { objectStore } from "../../objects/configured.ts";
import { fetchObject } from "../../objects/digest.ts";
import { withScratch } from "../archive/scratch.ts";
import { quoted, withDuck } from "../cold/duck.ts";

/** A finished export whose file is kept still. */
export interface KeptExport {
  id: string;
  format: string;
  file: string;
  requestedAt: string;
  expiresAt: string;
}

const timeoutMs = 60_000;

/** The exports on disk that hold one of the words, read from end to end; and those that could not be read in a minute each. */
export async function findInExports(
  words: readonly string[],
): Promise<{ found: KeptExport[]; notReached: { where: string; why: string }[] }> {
  const notReached: { where: string; why: string }[] = [];
  const found: KeptExport[] = [];
  if (words.length === 0) return { found, notReached };
  const { rows } = await controlPool().query<KeptExport & { bytes: string; sha256: string }>(
    `SELECT id, format, file, bytes::text, sha256, ${iso("requested_at")} AS "requestedAt", ${iso("expires_at")} AS "expiresAt"
       FROM audit_exports WHERE state = 'ready' ORDER BY requested_at, id`,
  );
  const lower = words.map((word) => word.toLowerCase());
  for (const { bytes, sha256, ...kept } of rows) {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const holds =
        kept.format === "parquet"
          ? await parquetHolds(kept.file, { sha256, bytes: Number(bytes) }, lower, signal)
          : await textHolds(objectStore().read(kept.file, signal), lower, signal);
      if (holds) found.push(kept);
    } catch (error) {
      const why = signal.aborted ? "It was not read within a minute." : error instanceof Refusal ? error.message : null;
      if (why === null) throw error;
      notReached.push({ where: `the export of ${kept.requestedAt}`, why });
    }
  }
  return { found, notReached };
}

function iso(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}

/** Whether a text holds a word, in whatever case. Its pieces overlap by the longest word. */
async function textHolds(
  chunks: AsyncIterable<Uint8Array>,
  lower: readonly string[],
  signal?: AbortSignal,
): Promise<boolean> {
  const overlap = Math.max(...lower.map((word) => word.length));
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    const text = rest + decoder.decode(chunk, { stream: true }).toLowerCase();
    if (lower.some((word) => text.includes(word))) return true;
    rest = text.slice(-overlap);
  }
  return false;
}

async function parquetHolds(
  key: string,
  expected: { sha256: string; bytes: number },
  lower: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const own = objectStore().fileOf(key);
  if (own !== null) return fileHolds(own, lower, signal);
  return withScratch(async (folder) => {
    const file = join(folder, "export.parquet");
    await fetchObject(objectStore(), key, file, expected, signal);
    return fileHolds(file, lower, signal);
  });
}

function fileHolds(file: string, lower: readonly string[], signal: AbortSignal): Promise<boolean> {
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const said = lower.map((_, at) => `contains(lower(entry::VARCHAR), $${at + 1})`).join(" OR ");
    const reader = await duck.runAndReadAll(
      `SELECT 1 FROM read_parquet(${quoted(file)}) AS entry WHERE ${said} LIMIT 1`,
      [...lower],
    );
    return reader.getRows().length > 0;
  });
}
