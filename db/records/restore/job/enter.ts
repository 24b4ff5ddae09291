import type { Actor } from "../../../actor.ts";
import { inRestore, type Order, requireSame } from "../at-once.ts";
import { makePlan } from "../make-plan.ts";
import type { Place } from "../work.ts";
import { enterReceipts } from "../write/receipts.ts";
import { assignChunks } from "./assign.ts";

/** Enters the rows of a plan, chunk by chunk, as what is to be done. Nothing else is written yet; doing it again does it anew. */
export function enterPlan(actor: Actor, place: Place, order: Order): Promise<{ chunks: number; rows: number }> {
  return inRestore(actor, place, order, async (work) => {
    const made = await makePlan({ ...work, lock: false }, order.stored.input);
    await requireSame(work, order, made);
    const chunks = await assignChunks(work, made.batches, order.rowsInChunk);
    return { chunks, rows: await enterReceipts(work, order.restore) };
  });
}
