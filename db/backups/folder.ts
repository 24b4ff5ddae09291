import { randomBytes } from "node:crypto";
import { access, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { environment } from "../environment.ts";

/** Where dumps lie: readable by the console's own account alone, since they hold everything. */
export async function backupFolder(): Promise<string> {
  const folder = resolve(environment().CARETAKER_DATA, "backups");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The path of a file that a backup's row names. Names are made by us and never contain a folder. */
export async function pathOf(file: string): Promise<string> {
  if (!/^[\w.-]+$/.test(file)) throw new Error("A backup's file has an impossible name.");
  return join(await backupFolder(), file);
}

/** A name nobody else uses, even another attempt at the same backup: "app_20261122T101500Z_1a2b3c4d.dump". */
export function newFileName(database: string, now: Date): string {
  const name = database.replaceAll(/[^\w-]/g, "-").slice(0, 60);
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `${name}_${stamp}_${randomBytes(4).toString("hex")}.dump`;
}

/** Makes what was written last under the name `part` stand under its own name, also after a power failure. */
export async function settle(folder: string, part: string, file: string): Promise<void> {
  await sync(join(folder, part));
  await rename(join(folder, part), join(folder, file));
  await sync(folder);
}

/** Gives a whole dump its own name. Doing it again changes nothing. */
export async function nameDump(file: string): Promise<void> {
  const folder = await backupFolder();
  if (await exists(join(folder, partOf(file)))) await settle(folder, partOf(file), file);
  else await access(join(folder, file));
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** Whether a file is there as long as it was written. */
export async function isWhole(file: string, bytes: string | null): Promise<boolean> {
  const found = await stat(await pathOf(file)).catch(() => null);
  return found !== null && String(found.size) === bytes;
}

/** Removes files for good, also after a power failure. Those that are gone already are no fault. */
export async function removeFiles(files: readonly string[]): Promise<void> {
  for (const file of files) await rm(await pathOf(file), { force: true });
  await sync(await backupFolder());
}

/** What a file is called until it is whole and a receipt names it. */
export function partOf(file: string): string {
  return `${file}.part`;
}

/** The roles and tablespaces that belong to a dump lie beside it. */
export function globalsOf(file: string): string {
  return file.replace(/\.dump$/, ".globals.sql");
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes what interrupted attempts left, and the files of attempts that failed, once nobody has written them for an hour. A whole
 * file that nobody knows stays: it may be the backup of a console that was restored, or of another one.
 */
export async function sweepFolder(
  { failed, open }: Record<"failed" | "open", ReadonlySet<string>>,
  olderThanMs = 3_600_000,
): Promise<string[]> {
  const folder = await backupFolder();
  const removed: string[] = [];
  for (const file of await readdir(folder)) {
    if (!(failed.has(file) || (/\.(part|pem)$/.test(file) && !open.has(file)))) continue;
    const { mtimeMs } = await stat(join(folder, file));
    if (Date.now() - mtimeMs < olderThanMs) continue;
    await rm(join(folder, file), { force: true });
    removed.push(file);
  }
  return removed;
}
