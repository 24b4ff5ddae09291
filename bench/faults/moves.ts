import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { type MovesSize, strikeMoves } from "./moves/run.ts";
import type { Size, Verdict } from "./run.ts";

const sizes: Record<Size, MovesSize> = {
  small: { points: 50, orders: 60, tenants: 12, lanes: 5, patientEach: 6 },
  full: { points: 1_000, orders: 60, tenants: 30, lanes: 5, patientEach: 20 },
};

/** Strikes workers, connections, servers, networks and disks while tenants move, and counts what is not whole afterwards. */
export async function moves(size: Size, seed: number): Promise<Verdict> {
  try {
    return await strikeMoves(sizes[size], seed);
  } finally {
    await closeFleet();
    await closeControl();
  }
}
