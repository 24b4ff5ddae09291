import { LeaseLost } from "../../jobs/lease.ts";
import { readGate, turnGate } from "../../managed/moving/gate.ts";
import type { Pair } from "../pair.ts";

/**
 * Ends a cutover that was cut off. Where the receiving place is open, it can only go forward; where it is not, no earlier worker
 * can open it any more, since both gates know this worker's epoch, and the place that was left is opened again.
 */
export async function recoverCut(pair: Pair): Promise<"forward" | "back"> {
  const { from, to, epoch } = pair;
  const target = await readGate(to.client, to.standing);
  const source = await readGate(from.client, from.standing);
  if (target?.state === "open") {
    if (source?.state === "open") throw new Error("Both places of the move are open.");
    return "forward";
  }
  if (source?.state === "moved") {
    const back = { from: ["moved" as const], to: "open" as const, address: from.address, epoch };
    if (!(await turnGate(from.client, from.standing, back))) throw new LeaseLost(pair.moveId);
  }
  return "back";
}
