import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { freshControl } from "#db/testing/databases.ts";
import { strikeErasures } from "./erasure/erase.ts";
import { strikeReplays } from "./erasure/replay.ts";
import { strikeRestores } from "./restore/restore.ts";
import type { Size, Verdict } from "./run.ts";

/** Statements of each restore, each undo and each erasure at which a process or a backend is killed; 0 stands for every one of them. */
const strikes: Record<Size, number> = { small: 3, full: 0 };

const replaysMax = 60;

/** Restores in one transaction, restores in chunks by a job, the undo of each, erasures and their replays by what strikes them. */
const parts: Record<string, (most: number, seed: number) => Promise<Verdict>> = {
  whole_restore: (most, seed) => strikeRestores("whole", "restore", most, seed),
  whole_undo: (most, seed) => strikeRestores("whole", "undo", most, seed),
  chunks_restore: (most, seed) => strikeRestores("chunks", "restore", most, seed),
  chunks_undo: (most, seed) => strikeRestores("chunks", "undo", most, seed),
  erasure_process: (most, seed) => strikeErasures("process", most, seed),
  erasure_connection: (most, seed) => strikeErasures("connection", most, seed),
  // Each begins with a restore from a dump, so that not every statement has its turn.
  replay_process: (most, seed) => strikeReplays("process", most || replaysMax, seed),
};

/**
 * Kills what restores, takes back and erases at its statements, and counts rows that are then both live and deleted, or neither, and
 * persons who are erased by half, or come back open to the application. CARETAKER_FAULTS_ONLY does one part alone.
 */
export async function deletedRecords(size: Size, seed: number): Promise<Verdict> {
  const only = process.env.CARETAKER_FAULTS_ONLY;
  if (only && !(only in parts))
    throw new Error(`CARETAKER_FAULTS_ONLY names no part: choose from ${Object.keys(parts).join(", ")}.`);
  const given = process.env.CARETAKER_TEST_SERVER;
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = given ? null : await startCluster({ dataDir, durable: true });
  process.env.CARETAKER_TEST_SERVER = given ?? cluster?.url ?? "";
  try {
    await freshControl();
    const verdict: Verdict = { figures: {}, violations: [] };
    for (const [part, play] of Object.entries(parts)) {
      if (only && part !== only) continue;
      const { figures, violations } = await play(strikes[size], seed);
      for (const [name, figure] of Object.entries(figures)) verdict.figures[`${part}_${name}`] = figure;
      verdict.violations.push(...violations);
    }
    return verdict;
  } finally {
    await closeFleet();
    await closeControl();
    await cluster?.stop("immediate");
    if (cluster) await removeCluster(dataDir);
  }
}
