import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { environment } from "../../environment.ts";

const abandonedAfterMs = 24 * 3_600_000;

/** A folder for one piece of work, gone when the work ends; what killed processes left is gone a day later. */
export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const root = resolve(environment().CARETAKER_DATA, "scratch");
  await mkdir(root, { recursive: true, mode: 0o700 });
  await sweep(root);
  const folder = await mkdtemp(join(root, "month-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith("month-")) continue;
    const path = join(root, name);
    // Another worker may remove its own meanwhile.
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}
