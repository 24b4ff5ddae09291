import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { root } from "./command.ts";
import type { Tally } from "./tally.ts";

const vitestReport = z.object({ numTotalTests: z.number(), numPassedTests: z.number() });
const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
});

export function vitestTally(name: string, succeeded: boolean): Promise<Tally> {
  return tally(name, succeeded, (report) => {
    const { numTotalTests, numPassedTests } = vitestReport.parse(report);
    return { passed: numPassedTests, failed: numTotalTests - numPassedTests };
  });
}

/** A test that passed at its second try has passed; Playwright lists it as flaky. */
export function playwrightTally(name: string, succeeded: boolean): Promise<Tally> {
  return tally(name, succeeded, (report) => {
    const { expected, unexpected, flaky, skipped } = playwrightReport.parse(report).stats;
    return { passed: expected + flaky, failed: unexpected + skipped };
  });
}

export async function forget(name: string): Promise<void> {
  await rm(fileOf(name), { force: true });
}

/** Reads a runner's report. A run that failed without naming a test, or that ran none, counts as one failure. */
async function tally(name: string, succeeded: boolean, read: (report: unknown) => Tally): Promise<Tally> {
  const text = await readFile(fileOf(name), "utf8").catch(() => null);
  if (text === null) return { passed: 0, failed: 1 };
  const found = read(JSON.parse(text));
  const unnamed = (!succeeded || found.passed === 0) && found.failed === 0;
  return unnamed ? { ...found, failed: 1 } : found;
}

function fileOf(name: string): string {
  return join(root, "test-results", `${name}.json`);
}
