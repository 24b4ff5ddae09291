import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openScreens, pageOf, screens } from "../../e2e/screens.ts";
import { root } from "./command.ts";

const folders = ["app", "bench", "bin", "components", "db", "e2e"];
const linesMax = 300;

interface Source {
  path: string;
  text: string;
}

async function sources(endings: RegExp): Promise<Source[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && endings.test(entry.name) && !entry.parentPath.includes(".output"))
        .map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  return Promise.all(
    lists.flat().map(async (path) => ({ path: path.slice(root.length + 1), text: await readFile(path, "utf8") })),
  );
}

test("no source file is longer than 300 lines", async () => {
  const found = await sources(/\.(ts|tsx|mjs|sql|css)$/);
  expect(found.length).toBeGreaterThan(50);
  const long = found.filter(({ text }) => text.split("\n").length - 1 > linesMax).map(({ path }) => path);
  expect(long).toEqual([]);
});

test("code for the browser takes only contracts and types from db/", async () => {
  const found = await sources(/\.tsx?$/);
  const client = found.filter(({ text }) => /^["']use client["']/.test(text));
  const imports = client.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from\s+"(#db\/[^"]+)"/gm)].map(
      ([, from]) => `${path}: ${from}`,
    ),
  );
  expect(imports.filter((line) => !/\/(contract|capabilities|errors)\.ts$/.test(line))).toEqual([]);
});

test("names say what a file is about, not that it helps", async () => {
  const found = await sources(/\.(ts|tsx|mjs)$/);
  const vague = found.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|services?)(\/|\.tsx?$)/.test(path));
  expect(vague.map(({ path }) => path)).toEqual([]);
});

test("every page is among the screens that the browser's tests look at", async () => {
  const found = await sources(/^page\.tsx$/);
  const pages = found.map(({ path }) => path.replaceAll(/^app|\/\([^/]+\)|\/page\.tsx$/g, "") || "/");
  expect(pages.length).toBeGreaterThan(50);
  const looked = new Set([...screens, ...openScreens].map(pageOf));
  expect(pages.filter((page) => !looked.has(page))).toEqual([]);
});
