import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { freshControl } from "#db/testing/databases.ts";
import { scenario as archive } from "./audit/archive.ts";
import { scenario as exporting } from "./audit/export.ts";
import { scenario as requests } from "./audit/requests.ts";
import { type Ground, type Scenario, type Tally, victims } from "./audit/scenario.ts";
import { scenario as seal } from "./audit/seal.ts";
import { random } from "./random.ts";
import type { Size, Verdict } from "./run.ts";
import { startMortal } from "./server.ts";
import { openTap } from "./tap.ts";

const scenarios: Scenario[] = [exporting, archive, seal, requests];

/** Kills, over all scenarios together. */
const points: Record<Size, number> = { small: 50, full: 1_000 };

/** Kills what exports, seals and archives the audit trail at every step, and counts what that lost, doubled or faked. */
export async function auditTrail(size: Size, seed: number): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), "caretaker-faults-data-"));
  const server = await startMortal();
  process.env.CARETAKER_DATA = folder;
  process.env.CARETAKER_TEST_SERVER = server.url;
  // Processes that start again and again need not compile the same files each time.
  process.env.NODE_COMPILE_CACHE = join(folder, "compiled");
  const tap = await openTap(server.port);
  try {
    await freshControl();
    return verdictOf(await runAll({ server, tap, chance: random(seed) }, points[size]));
  } finally {
    await closeFleet();
    await closeControl();
    await tap.close();
    await server.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Outcome {
  name: string;
  share: number;
  tally: Tally;
  seconds: number;
}

async function runAll(ground: Ground, whole: number): Promise<Outcome[]> {
  const wanted = process.env.CARETAKER_FAULTS_ONLY;
  const outcomes: Outcome[] = [];
  for (const [at, { name, run }] of scenarios.entries()) {
    if (wanted && wanted !== name) continue;
    const share = shareOf(whole, scenarios.length, at);
    const begun = performance.now();
    outcomes.push({ name, share, tally: await run(ground, share), seconds: (performance.now() - begun) / 1_000 });
  }
  return outcomes;
}

/** Shares that differ by one at most and add up to the whole. */
function shareOf(whole: number, among: number, at: number): number {
  return Math.floor(whole / among) + (at < whole % among ? 1 : 0);
}

function verdictOf(outcomes: readonly Outcome[]): Verdict {
  const sum = (count: (tally: Tally) => number) => outcomes.reduce((all, { tally }) => all + count(tally), 0);
  const figures: Verdict["figures"] = {};
  for (const { name, tally, seconds } of outcomes) {
    figures[`${name}_points`] = pointsOf(tally);
    figures[`${name}_statements_struck`] = `${tally.struck} of ${tally.statements}`;
    figures[`${name}_s`] = Math.round(seconds);
  }
  for (const victim of victims) figures[`${victim}_points`] = sum(({ points }) => points[victim] ?? 0);
  return {
    figures: {
      ...figures,
      points: sum(pointsOf),
      jobs_given_up: sum(({ givenUp }) => givenUp),
      lost: sum(({ lost }) => lost),
      duplicate: sum(({ duplicate }) => duplicate),
      false_whole: sum(({ falseWhole }) => falseWhole),
    },
    violations: outcomes.flatMap(violationsOf),
  };
}

function pointsOf({ points }: Tally): number {
  return victims.reduce((all, victim) => all + (points[victim] ?? 0), 0);
}

function violationsOf({ name, share, tally }: Outcome): string[] {
  const { lost, duplicate, falseWhole } = tally;
  const made = pointsOf(tally);
  return [
    ...(made < share ? [`${name}: killed ${made} times and not ${share}.`] : []),
    ...(lost > 0 ? [`${name}: ${lost} were lost.`] : []),
    ...(duplicate > 0 ? [`${name}: ${duplicate} were there twice, or although they had been called failed.`] : []),
    ...(falseWhole > 0 ? [`${name}: ${falseWhole} passed as whole and were not.`] : []),
  ];
}
