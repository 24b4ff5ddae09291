import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./command.ts";
import { readPlaywright, readVitest } from "./runners.ts";
import type { Tally } from "./tally.ts";

export function vitestTally(name: string, succeeded: boolean): Promise<Tally> {
  return tally(name, succeeded, readVitest);
}

export function playwrightTally(name: string, succeeded: boolean): Promise<Tally> {
  return tally(name, succeeded, readPlaywright);
}

export async function forget(name: string): Promise<void> {
  await rm(fileOf(name), { force: true });
}

/** Reads a runner's report. A run that failed without naming a test, or that ran none, counts as one failure. */
async function tally(name: string, succeeded: boolean, read: (report: unknown) => Tally): Promise<Tally> {
  const text = await readFile(fileOf(name), "utf8").catch(() => null);
  if (text === null) return { passed: 0, failed: 1, failures: [] };
  const found = read(JSON.parse(text));
  const unnamed = (!succeeded || found.passed === 0) && found.failed === 0;
  return unnamed ? { ...found, failed: 1 } : found;
}

function fileOf(name: string): string {
  return join(root, "test-results", `${name}.json`);
}
