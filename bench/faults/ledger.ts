import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { startThrowaway } from "#db/testing/server.ts";
import { type LedgerSize, runLedger } from "./ledger/run.ts";
import type { Size, Verdict } from "./run.ts";

const sizes: Record<Size, LedgerSize> = {
  small: { ordersEach: 400, directions: 2, restMs: 4, dwellMs: 300 },
  full: { ordersEach: 20_000, directions: 7, restMs: 1, dwellMs: 3_000 },
};

/** Moves a tenant in all directions under load, and counts acknowledged writes that are not as they were acknowledged. */
export async function ledger(size: Size, seed: number): Promise<Verdict> {
  const given = process.env.CARETAKER_TEST_SERVER;
  const own = given ? null : await startThrowaway();
  const other = size === "full" ? await startThrowaway() : null;
  process.env.CARETAKER_TEST_SERVER = given ?? own?.url ?? "";
  try {
    return await runLedger(sizes[size], seed, other?.url ?? null);
  } finally {
    await closeFleet();
    await closeControl();
    await own?.remove();
    await other?.remove();
  }
}
