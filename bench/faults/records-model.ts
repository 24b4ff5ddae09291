import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { cases } from "./records-model/cases.ts";
import type { Ground } from "./records-model/game.ts";
import { isNoticed, mutations } from "./records-model/mutations.ts";
import { play } from "./records-model/play.ts";
import type { Size, Verdict } from "./run.ts";

const runs: Record<Size, number> = { small: 40, full: 1_000 };

/** Plays random schemas, deletions, restores with choices and undos against a plain model of them. */
export async function recordsModel(size: Size, seed: number): Promise<Verdict> {
  const given = process.env.CARETAKER_TEST_SERVER;
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = given ? null : await startCluster({ dataDir, durable: false });
  process.env.CARETAKER_TEST_SERVER = given ?? cluster?.url ?? "";
  try {
    const verdict = await model(Number(process.env.CARETAKER_MODEL_RUNS ?? runs[size]), seed);
    return size === "full" ? await withoutChecks(verdict, seed) : verdict;
  } finally {
    await closeFleet();
    await closeControl();
    await cluster?.stop("immediate");
    if (cluster) await removeCluster(dataDir);
  }
}

/** Cases after which a check that is missing must have been noticed: as many as the model plays with all of them. */
const runsWithout = runs.full;

/** Plays again with one check after the other taken out of the console. */
async function withoutChecks({ figures, violations }: Verdict, seed: number): Promise<Verdict> {
  const unnoticed: string[] = [];
  for (const name of Object.keys(mutations)) {
    if (await isNoticed(name, seed, runsWithout)) continue;
    unnoticed.push(`Nobody noticed that this check was missing: ${name}.`);
  }
  const checks = Object.keys(mutations).length;
  return {
    figures: { ...figures, checks_taken_out: checks, checks_noticed: checks - unnoticed.length },
    violations: [...violations, ...unnoticed],
  };
}

/** The catalog and its caches grow with every case, so that a database serves only so many. */
const casesEach = 25;

async function model(numRuns: number, seed: number): Promise<Verdict> {
  await freshControl();
  const counts: Record<string, number> = {};
  let ground: Ground | null = null;
  let played = 0;
  const property = fc.asyncProperty(cases, async (one) => {
    if (ground === null || played % casesEach === 0) {
      await ground?.client.end();
      const { id: databaseId, client } = await adoptedDatabase("");
      ground = { databaseId, client, counts };
    }
    try {
      await play(ground, `m${++played}`, one);
    } finally {
      await ground.client.query("ROLLBACK");
      await controlPool().query("DELETE FROM managed_tables");
    }
  });
  const path = process.env.CARETAKER_MODEL_PATH;
  const result = await fc.check(property, { numRuns, seed, endOnFailure: true, ...(path ? { path } : {}) });
  await (ground as Ground | null)?.client.end();
  const violations = result.failed
    ? [`${String(result.errorInstance)} Path ${result.counterexamplePath}: ${JSON.stringify(result.counterexample)}`]
    : [];
  return { figures: { runs: result.numRuns, ...counts }, violations };
}
