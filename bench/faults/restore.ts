import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { freshControl } from "#db/testing/databases.ts";
import { strikeErasures } from "./erasure/erase.ts";
import { strikeRestores } from "./restore/restore.ts";
import type { Size, Verdict } from "./run.ts";

/** Statements of each restore, each undo and each erasure at which a process or a backend is killed; 0 stands for every one of them. */
const strikes: Record<Size, number> = { small: 3, full: 0 };

/** Restores in one transaction, restores in chunks by a job, the undo of each, and erasures by what strikes them. */
const parts = [
  "whole_restore",
  "whole_undo",
  "chunks_restore",
  "chunks_undo",
  "erasure_process",
  "erasure_connection",
] as const;
type Part = (typeof parts)[number];

/**
 * Kills what restores, takes back and erases at its statements, and counts rows that are then both live and deleted, or neither, and
 * persons who are erased by half. CARETAKER_FAULTS_ONLY does one part alone.
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
      if (![part, undefined].includes(process.env.CARETAKER_FAULTS_ONLY as Part)) continue;
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

function play(part: Part, most: number, seed: number): Promise<Verdict> {
  switch (part) {
    case "erasure_process":
      return strikeErasures("process", most, seed);
    case "erasure_connection":
      return strikeErasures("connection", most, seed);
    case "whole_restore":
      return strikeRestores("whole", "restore", most, seed);
    case "whole_undo":
      return strikeRestores("whole", "undo", most, seed);
    case "chunks_restore":
      return strikeRestores("chunks", "restore", most, seed);
    case "chunks_undo":
      return strikeRestores("chunks", "undo", most, seed);
  }
}
