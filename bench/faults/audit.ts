import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import type { Scenario, Tally } from "./audit/scenario.ts";
import type { Size, Verdict } from "./run.ts";

const folder = join(import.meta.dirname, "audit");

/** Kills, over all scenarios together. */
const points: Record<Size, number> = { small: 50, full: 1_000 };

/** Kills what exports, seals and archives the audit trail at every step, and counts what that lost, doubled or faked. */
export async function auditTrail(size: Size, seed: number): Promise<Verdict> {
  const scenarios = await allScenarios();
  const { server, stop } = await throwawayServer();
  const figures: Record<string, number | string> = { scenarios: scenarios.map(({ name }) => name).join(", ") };
  const total: Tally = { points: 0, lost: 0, duplicate: 0, falseWhole: 0 };
  const violations: string[] = [];
  try {
    for (const [at, scenario] of scenarios.entries()) {
      const share = shareOf(points[size], scenarios.length, at);
      const tally = await scenario.run({ server: new URL(server), points: share, seed: seed + at });
      figures[`${scenario.name}_points`] = tally.points;
      total.points += tally.points;
      total.lost += tally.lost;
      total.duplicate += tally.duplicate;
      total.falseWhole += tally.falseWhole;
      violations.push(...violationsOf(scenario.name, share, tally));
    }
  } finally {
    await stop();
  }
  return {
    figures: {
      ...figures,
      points: total.points,
      lost: total.lost,
      duplicate: total.duplicate,
      false_whole: total.falseWhole,
    },
    violations,
  };
}

async function allScenarios(): Promise<Scenario[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).toSorted();
  const modules = await Promise.all(files.map((file): Promise<{ scenario?: Scenario }> => import(join(folder, file))));
  return modules.flatMap(({ scenario }) => (scenario ? [scenario] : []));
}

/** Shares that differ by one at most and add up to the whole. */
function shareOf(whole: number, among: number, at: number): number {
  return Math.floor(whole / among) + (at < whole % among ? 1 : 0);
}

function violationsOf(name: string, share: number, tally: Tally): string[] {
  return [
    ...(tally.points < share ? [`${name}: killed ${tally.points} times and not ${share}.`] : []),
    ...(tally.lost > 0 ? [`${name}: ${tally.lost} entries were lost.`] : []),
    ...(tally.duplicate > 0 ? [`${name}: ${tally.duplicate} entries were there twice.`] : []),
    ...(tally.falseWhole > 0 ? [`${name}: ${tally.falseWhole} outcomes passed as whole and were not.`] : []),
  ];
}

/** The server that the tests were given, else a cluster of our own that goes when the run ends. */
async function throwawayServer(): Promise<{ server: string; stop: () => Promise<void> }> {
  const given = process.env.CARETAKER_TEST_SERVER;
  if (given) return { server: given, stop: async () => {} };
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = await startCluster({ dataDir, durable: true });
  return {
    server: cluster.url,
    async stop() {
      await cluster.stop("immediate");
      await removeCluster(dataDir);
    },
  };
}
