import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { random } from "./random.ts";
import { type Race, runRace } from "./records-races/race.ts";
import { ddl, races } from "./records-races/races.ts";
import type { Size, Verdict } from "./run.ts";

const times: Record<Size, number> = { small: 100, full: 1_000 };

/** Lets two acts contend for the same rows, each race many times: one wins, and nothing is left by halves. */
export async function recordsRaces(size: Size, seed: number): Promise<Verdict> {
  const given = process.env.CARETAKER_TEST_SERVER;
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = given ? null : await startCluster({ dataDir, durable: false });
  process.env.CARETAKER_TEST_SERVER = given ?? cluster?.url ?? "";
  try {
    await freshControl();
    return await runAll(Number(process.env.CARETAKER_RACES ?? times[size]), seed);
  } finally {
    await closeFleet();
    await closeControl();
    await cluster?.stop("immediate");
    if (cluster) await removeCluster(dataDir);
  }
}

async function runAll(each: number, seed: number): Promise<Verdict> {
  const chance = random(seed);
  const figures: Record<string, string> = {};
  const violations: string[] = [];
  for (const [name, race] of Object.entries(races)) {
    const { won, wrong } = await runOften(race, each, chance);
    figures[name] = `${each} times: ${won.first} won by the first, ${won.second} by the second, ${won.both} by both`;
    violations.push(...wrong.map((words) => `${name}, ${words}.`));
  }
  return { figures, violations };
}

async function runOften(race: Race, each: number, chance: () => number) {
  const won = { first: 0, second: 0, both: 0 };
  const wrong: string[] = [];
  const db = await adoptedDatabase(ddl);
  const app = new pg.Client(db.url);
  try {
    await app.connect();
    for (let time = 1, lastMs = 100; time <= each; time++) {
      const { firstWon, secondWon, tookMs, violation } = await runRace(race, { db, app }, lastMs, chance);
      lastMs = tookMs;
      won[firstWon && secondWon ? "both" : firstWon ? "first" : "second"] += 1;
      if (violation) wrong.push(`time ${time}: ${violation}`);
    }
    return { won, wrong };
  } finally {
    await app.end();
    await db.client.end();
  }
}
