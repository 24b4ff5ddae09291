import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

const folders = ["app", "components", "db", "public"];
const files = [
  "instrumentation.ts",
  "next.config.ts",
  "package-lock.json",
  "postcss.config.mjs",
  "proxy.ts",
  "tsconfig.json",
];

/** A hash of everything that goes into a build. */
export async function hashSources(root: string): Promise<string> {
  const inFolders = await Promise.all(folders.map((folder) => filesIn(join(root, folder))));
  const paths = [...inFolders.flat(), ...files.map((file) => join(root, file))].sort();
  const contents = await Promise.all(paths.map((path) => readFile(path).catch(() => null)));
  const hash = createHash("sha256");
  paths.forEach((path, index) => {
    const content = contents[index];
    if (content) hash.update(`${relative(root, path)}\0${content.length}\0`).update(content);
  });
  return hash.digest("hex");
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}
