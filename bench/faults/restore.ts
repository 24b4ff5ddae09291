import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { freshControl } from "#db/testing/databases.ts";
import { erasures } from "./erasure/erase.ts";
import { restoreAndUndo } from "./restore/restore.ts";
import type { Size, Verdict } from "./run.ts";

/** Statements of each restore, each undo and each erasure at which a process or a backend is killed; 0 stands for every one of them. */
const strikes: Record<Size, number> = { small: 3, full: 0 };

const parts = ["whole", "chunks", "erasure"] as const;

/**
 * Kills what restores, takes back and erases at its statements, and counts rows that are then both live and deleted, or neither, and
 * persons who are erased by half. CARETAKER_FAULTS_ONLY=whole, chunks or erasure does one part: restores in one transaction or in
 * chunks by a job, with their undos, or erasures.
 */
export async function deletedRecords(size: Size, seed: number): Promise<Verdict> {
  const given = process.env.CARETAKER_TEST_SERVER;
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = given ? null : await startCluster({ dataDir, durable: true });
  process.env.CARETAKER_TEST_SERVER = given ?? cluster?.url ?? "";
  try {
    await freshControl();
    const verdict: Verdict = { figures: {}, violations: [] };
    for (const part of parts) {
      if (![part, undefined].includes(process.env.CARETAKER_FAULTS_ONLY as typeof part)) continue;
      const { figures, violations } = await play(part, strikes[size], seed);
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

function play(part: (typeof parts)[number], most: number, seed: number): Promise<Verdict> {
  return part === "erasure" ? erasures(most, seed) : restoreAndUndo(part, most, seed);
}
