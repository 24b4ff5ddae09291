import { readFile } from "node:fs/promises";
import { withDuck } from "#db/audit/cold/duck.ts";
import type { Manifest } from "#db/audit/export/contract.ts";
import { objectStore } from "#db/objects/configured.ts";
import { digestFile } from "#db/objects/digest.ts";
import { type Found, nothing } from "./scenario.ts";
import { patienceMs, rowsOf } from "./watch.ts";
import { idsIn, passesAsWhole } from "./whole.ts";

/** Whatever already stands under its final name must be all of it. */
export async function lookAtFile(id: string, before: readonly string[]): Promise<Found> {
  const found = { ...nothing };
  for (const { key } of await objectStore().list(`exports/${id}/`)) {
    if (key.endsWith(".manifest.json")) continue;
    const { ids, whole } = await read(key);
    const held = new Set(ids);
    if (!whole || before.some((one) => !held.has(one))) found.falseWhole += 1;
  }
  return found;
}

export async function isReady(id: string): Promise<boolean> {
  const [row] = await rowsOf<{ state: string }>("SELECT state FROM audit_exports WHERE id = $1", [id]);
  return row?.state === "ready";
}

/** A finished export: file, manifest and row agree, and every entry from before it was asked for is in it, once. */
export async function lookAtReady(id: string, before: readonly string[], now: readonly string[]): Promise<Found> {
  const [row] = await rowsOf<{ file: string; manifest_file: string; rows: string; sha256: string }>(
    "SELECT file, manifest_file, rows, sha256 FROM audit_exports WHERE id = $1",
    [id],
  );
  if (!row) throw new Error(`The export ${id} is not recorded.`);
  const { ids, whole } = await read(row.file);
  const manifest: Manifest = JSON.parse(await readFile(pathOf(row.manifest_file), "utf8"));
  const file = await digestFile(pathOf(row.file));
  const agrees =
    [manifest.sha256, file.sha256].every((sha256) => sha256 === row.sha256) &&
    [manifest.rows, String(ids.length)].every((rows) => rows === String(row.rows)) &&
    manifest.bytes === file.bytes;
  const unique = new Set(ids);
  const known = new Set(now);
  return {
    lost: before.filter((one) => !unique.has(one)).length,
    duplicate: ids.length - unique.size,
    falseWhole: whole && agrees && ids.every((one) => known.has(one)) ? 0 : 1,
  };
}

/** Asked and completed are an entry each, however often it was begun. */
export async function auditOf(id: string): Promise<Found> {
  const entries = await rowsOf<{ action: string }>(
    `SELECT action FROM caretaker.audit_logs
      WHERE resource_type = 'audit_exports' AND resource_id = $1 AND action IN ('export-requested', 'export-completed')`,
    [id],
  );
  const actions = new Set(entries.map(({ action }) => action));
  return { ...nothing, lost: 2 - actions.size, duplicate: entries.length - actions.size };
}

async function read(key: string): Promise<{ ids: string[]; whole: boolean }> {
  if (key.endsWith(".parquet")) return readParquet(pathOf(key));
  const text = await readFile(pathOf(key), "utf8");
  return { ids: idsIn(text), whole: passesAsWhole(text) };
}

/** A Parquet file ends with its table of contents: one that is cut off cannot be opened. */
async function readParquet(path: string): Promise<{ ids: string[]; whole: boolean }> {
  try {
    const ids = await withDuck(
      { memory: "256MB", threads: 1, signal: AbortSignal.timeout(patienceMs) },
      async (duck) => {
        const reader = await duck.runAndReadAll("SELECT id::VARCHAR FROM read_parquet($1)", [path]);
        return reader.getRows().map(([id]) => String(id));
      },
    );
    return { ids, whole: true };
  } catch {
    return { ids: [], whole: false };
  }
}

function pathOf(key: string): string {
  return objectStore().fileOf(key) ?? "";
}
