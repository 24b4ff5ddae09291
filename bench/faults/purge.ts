import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { purgeAndHold } from "./purge/purge.ts";
import type { Size, Verdict } from "./run.ts";

/** Statements of a purge, and of placing a hold, at which a process or a backend is killed; 0 stands for every one of them. */
const strikes: Record<Size, number> = { small: 6, full: 0 };

/** Kills what purges and what places holds at its statements; then counts rows that went by halves, and held rows that went. */
export async function purges(size: Size, seed: number): Promise<Verdict> {
  const given = process.env.CARETAKER_TEST_SERVER;
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = given ? null : await startCluster({ dataDir, durable: true });
  process.env.CARETAKER_TEST_SERVER = given ?? cluster?.url ?? "";
  try {
    return await purgeAndHold(strikes[size], seed);
  } finally {
    await closeFleet();
    await closeControl();
    await cluster?.stop("immediate");
    if (cluster) await removeCluster(dataDir);
  }
}
