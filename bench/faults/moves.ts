import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { type MovesSize, strikeMoves } from "./moves/run.ts";
import type { Size, Verdict } from "./run.ts";

const sizes: Record<Size, MovesSize> = {
  small: { points: 8, ordersEach: 60, patientEach: 4 },
  full: { points: 1_000, ordersEach: 200, patientEach: 20 },
};

/** Kills workers, connections and servers at the statements of moves, and counts what is not whole afterwards. */
export async function moves(size: Size, seed: number): Promise<Verdict> {
  // Not the server of other tests: strikes make it recover. What was committed must then be there.
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = await startCluster({ dataDir, durable: true, settings: { max_connections: "200" } });
  process.env.CARETAKER_TEST_SERVER = cluster.url;
  try {
    return await strikeMoves(sizes[size], seed);
  } finally {
    await closeFleet();
    await closeControl();
    await cluster.stop("immediate");
    await removeCluster(dataDir);
  }
}
