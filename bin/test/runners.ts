import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { root } from "./command.ts";
import type { Tally } from "./tally.ts";

const vitestReport = z.object({
  numTotalTests: z.number(),
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

/** What Vitest's JSON report says. A file that could not be loaded is named with its own message. */
export function readVitest(report: unknown): Tally {
  const { numTotalTests, numPassedTests, testResults } = vitestReport.parse(report);
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const tests = assertionResults.filter((test) => test.status !== "passed");
    if (tests.length === 0) return status === "passed" ? [] : [failure(file, message)];
    return tests.map(({ fullName, failureMessages }) => failure(`${file}: ${fullName}`, failureMessages?.[0]));
  });
  return { passed: numPassedTests, failed: numTotalTests - numPassedTests, failures };
}

const playwrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      status: z.string(),
      results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
    }),
  ),
});
const playwrightSuite = z.object({
  specs: z.array(playwrightSpec),
  get suites() {
    return z.array(playwrightSuite).optional();
  },
});
const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  suites: z.array(playwrightSuite),
});

/** What Playwright's JSON report says. A test that passed at its second try has passed; Playwright lists it as flaky. */
export function readPlaywright(report: unknown): Tally {
  const { stats, suites } = playwrightReport.parse(report);
  const failures = suites
    .flatMap(specsOf)
    .flatMap(({ title, file, tests }) =>
      tests
        .filter(({ status }) => status === "unexpected" || status === "skipped")
        .map(({ status, results }) => `${file}: ${title}: ${whyOf(results) || status}`),
    );
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected + stats.skipped, failures };
}

function specsOf({ specs, suites = [] }: z.infer<typeof playwrightSuite>): z.infer<typeof playwrightSpec>[] {
  return [...specs, ...suites.flatMap(specsOf)];
}

/** What each try failed for, where that differs: what was expected of which element, without the log of the waiting. */
function whyOf(tries: z.infer<typeof playwrightSpec>["tests"][number]["results"]): string {
  return [...new Set(tries.flatMap(({ error }) => told(error?.message ?? "") || []))].join(" | then: ");
}

function told(message: string): string {
  const [said = ""] = stripVTControlCharacters(message).split(/^Call log:/m);
  const lines = said.split("\n").map((line) => line.trim());
  return lines.filter(Boolean).join("; ").slice(0, 500);
}

const linesMax = 5;

/** Why a program of ours failed: the violations that it named and how it was called, or else its last lines. */
export function readProgram(name: string, said: string): string[] {
  const lines = stripVTControlCharacters(said)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const violations = lines.filter((line) => line.startsWith("violation: "));
  const why = violations.length > 0 ? [...lines.slice(0, 1), ...violations.slice(0, linesMax)] : lines.slice(-linesMax);
  return why.map((line) => `${name}: ${line.slice(0, 500)}`);
}

/** A line: what failed, and the first line of why. */
function failure(what: string, why = ""): string {
  const first = firstLine(why);
  return first ? `${what}: ${first}` : what;
}

function firstLine(message: string): string {
  return stripVTControlCharacters(message).trim().split("\n")[0] ?? "";
}
