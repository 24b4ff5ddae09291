import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./command.ts";
import { readPlaywright, readProgram, readVitest } from "./runners.ts";

test("Vitest's failed tests and files that could not be loaded are named with why", () => {
  const report = {
    numTotalTests: 3,
    numPassedTests: 1,
    testResults: [
      {
        name: join(root, "db/one.test.ts"),
        status: "failed",
        message: "",
        assertionResults: [
          { status: "passed", fullName: "holds", failureMessages: [] },
          {
            status: "failed",
            fullName: "breaks",
            failureMessages: ["\u001b[31mError: 1 is not 2\u001b[39m\n    at …"],
          },
          { status: "skipped", fullName: "waits" },
        ],
      },
      { name: join(root, "db/two.test.ts"), status: "failed", message: "No such module", assertionResults: [] },
    ],
  };
  expect(readVitest(report)).toEqual({
    passed: 1,
    failed: 2,
    failures: ["db/one.test.ts: breaks: Error: 1 is not 2", "db/one.test.ts: waits", "db/two.test.ts: No such module"],
  });
});

test("Playwright's failed and skipped tests are named at any depth, those of a second try have passed", () => {
  const spec = (title: string, status: string, ...messages: string[]) => ({
    title,
    file: "moves.spec.ts",
    tests: [{ status, results: messages.map((message) => ({ error: { message } })) }],
  });
  const report = {
    stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 1 },
    suites: [
      {
        specs: [spec("passes", "expected")],
        suites: [
          {
            specs: [
              spec("fails", "unexpected", "first", "Timed out\n\nExpected: /sign-in/\nCall log:\n  - waiting"),
              spec("waits", "skipped"),
            ],
          },
          { specs: [spec("wavers", "flaky", "Timed out")] },
        ],
      },
    ],
  };
  expect(readPlaywright(report)).toEqual({
    passed: 5,
    failed: 2,
    failures: ["moves.spec.ts: fails: first | then: Timed out; Expected: /sign-in/", "moves.spec.ts: waits: skipped"],
  });
});

test("a fault run that failed is named with its violations, another program with its last lines", () => {
  const run = "faults moves, size small, seed 7\n  points  50\n  violation: Order 5 is lost.\n1 violations\n";
  expect(readProgram("faults of moves", run)).toEqual([
    "faults of moves: faults moves, size small, seed 7",
    "faults of moves: violation: Order 5 is lost.",
  ]);
  expect(readProgram("types", "a.ts: wrong\n\n\u001b[31m1 error\u001b[0m\n")).toEqual([
    "types: a.ts: wrong",
    "types: 1 error",
  ]);
});
