import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { digestFile } from "./digest.ts";
import { missing, taken } from "./refusals.ts";
import { type Checked, checkedKey, type ObjectStore, type StoredObject } from "./store.ts";

const partSuffix = ".part";
const dayMs = 86_400_000;

/** A store in a folder of this machine, or of a disk it mounts. */
export function folderStore(folder: string): ObjectStore {
  const root = resolve(folder);
  const pathOf = (key: string) => join(root, ...checkedKey(key).split("/"));
  let sweptAt = 0;

  async function place(key: string, write: (part: string) => Promise<void>): Promise<Checked> {
    const path = pathOf(key);
    const part = `${path}.${randomBytes(6).toString("hex")}${partSuffix}`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (Date.now() - sweptAt > dayMs) {
      sweptAt = Date.now();
      await sweepParts(root);
    }
    try {
      await write(part);
      await sync(part);
      const put = await digestFile(part);
      // link, unlike rename, never replaces: of two writers one is first.
      await link(part, path).catch((error: unknown) => sameContent(error, key, path, put));
      return put;
    } finally {
      await rm(part, { force: true });
      await sync(dirname(path));
    }
  }

  return {
    place: root,
    put: (key, file) => place(key, (part) => link(file, part).catch(() => copyFile(file, part))),
    putText: (key, text) => place(key, (part) => writeFile(part, text, { mode: 0o600 })),
    async *read(key, signal) {
      try {
        yield* createReadStream(pathOf(key), { highWaterMark: 1 << 20, ...(signal && { signal }) });
      } catch (error) {
        throw isMissing(error) ? missing(root, key) : error;
      }
    },
    async find(key) {
      try {
        const { size, mtime } = await stat(pathOf(key));
        return { key, bytes: size, storedAt: mtime.toISOString() };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    list: (prefix) => listFolder(root, prefix),
    remove: (key) => rm(pathOf(key), { force: true }),
    fileOf: pathOf,
  };
}

async function sameContent(error: unknown, key: string, path: string, put: Checked): Promise<void> {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  if ((await digestFile(path)).sha256 !== put.sha256) throw taken(key);
}

/** What killed processes left behind. By the time of the change: a part may be a link to an older file. */
async function sweepParts(root: string): Promise<void> {
  for (const path of await filesIn(root)) {
    if (!path.endsWith(partSuffix)) continue;
    const left = await stat(path).catch(() => null);
    if (left && Date.now() - left.ctimeMs > dayMs) await rm(path, { force: true });
  }
}

async function listFolder(root: string, prefix: string): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (const path of await filesIn(root)) {
    const key = relative(root, path).split(sep).join("/");
    if (key.endsWith(partSuffix) || !key.startsWith(prefix)) continue;
    const { size, mtime } = await stat(path);
    found.push({ key, bytes: size, storedAt: mtime.toISOString() });
  }
  return found.sort((one, other) => (one.key < other.key ? -1 : 1));
}

async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
