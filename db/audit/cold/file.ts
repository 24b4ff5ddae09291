import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join, resolve } from "node:path";
import { environment } from "../../environment.ts";
import { objectStore } from "../../objects/configured.ts";
import { digestFile, fetchObject } from "../../objects/digest.ts";
import { damaged } from "../../objects/refusals.ts";
import { type Archive, standingFiles } from "../archive/registry.ts";

/** What files fetched from afar may take on this machine's disk. */
const cacheBytesMax = 4 * 2 ** 30;

const partEnding = ".part";

/** A part that nothing was written to for so long was left by a process that ended. */
const leftAfterMs = 3_600_000;

/** Files that this process has read whole and found as stored: by path, when they were changed last and how long they are. */
const verified = new Set<string>();

/** An archived month as a file of this machine: the store's own, or a copy that is kept as long as there is room. */
export async function coldFile(archive: Archive, signal: AbortSignal): Promise<string> {
  const store = objectStore();
  const own = store.fileOf(archive.key);
  if (own !== null) {
    await assertIntact(own, archive, signal);
    return own;
  }
  const folder = copiesFolder();
  const path = join(folder, `${archive.sha256}.parquet`);
  if (await exists(path)) {
    await assertIntact(path, archive, signal);
    await utimes(path, new Date(), (await stat(path)).mtime);
    return path;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await dropCopies();
  await makeRoom(folder, Number(archive.bytes));
  // Each reader fetches a part of its own: one that leaves, or fails, takes nothing from another.
  const part = `${path}.${randomBytes(6).toString("hex")}${partEnding}`;
  try {
    await fetchObject(store, archive.key, part, { sha256: archive.sha256, bytes: Number(archive.bytes) }, signal);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
  return path;
}

function copiesFolder(): string {
  return resolve(environment().CARETAKER_DATA, "cold");
}

/** Removes the copies of files that stand for no month any more: what was taken out of a month must not stay in one. */
export async function dropCopies(): Promise<void> {
  const folder = copiesFolder();
  if (!(await exists(folder))) return;
  const standing = await standingFiles();
  for (const name of await readdir(folder)) {
    const [sha256 = ""] = name.split(".");
    if (!standing.has(sha256)) await rm(join(folder, name), { force: true });
  }
}

async function assertIntact(path: string, archive: Archive, signal: AbortSignal): Promise<void> {
  const { mtimeMs, size } = await stat(path).catch((cause: unknown) => {
    throw damaged(archive.place, archive.key, cause);
  });
  const seen = `${path} ${mtimeMs} ${size} ${archive.sha256}`;
  if (verified.has(seen)) return;
  if ((await digestFile(path, signal)).sha256 !== archive.sha256) throw damaged(archive.place, archive.key);
  verified.add(seen);
}

/** Removes the copies that were read longest ago. A part is somebody's who reads it into there, unless it was left behind. */
async function makeRoom(folder: string, bytes: number): Promise<void> {
  const kept = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null);
      const isPart = name.endsWith(partEnding) && (found?.mtimeMs ?? 0) > Date.now() - leftAfterMs;
      return { name, size: found?.size ?? 0, readAt: found?.atimeMs ?? 0, isPart };
    }),
  );
  let total = kept.reduce((sum, { size }) => sum + size, bytes);
  const copies = kept.filter(({ isPart }) => !isPart).sort((one, other) => one.readAt - other.readAt);
  for (const { name, size } of copies) {
    if (total <= cacheBytesMax) return;
    await rm(join(folder, name), { force: true });
    total -= size;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
