import { randomUUID } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { limits } from "../../transaction.ts";
import { approvalReason } from "./approval.ts";
import { type Order, restoreAtOnce } from "./at-once.ts";
import { chunksOf, type Sizes, usualSizes } from "./chunks.ts";
import type { RestoreResult, RunRestore } from "./contract.ts";
import { placeOfPlan } from "./place.ts";
import { beginRecord, endRecord, nothingWritten } from "./records.ts";
import { asRefusal } from "./refusals.ts";
import { settleRestore } from "./settle-restore.ts";
import { storedPlan } from "./stored.ts";

/**
 * Runs a plan that was shown: up to 10,000 rows in one transaction, more of them by a job. The restore is entered before anything
 * is done, and its rows have their receipts where they are written: so what became of it is known whatever is cut off.
 *
 * @throws Refusal `stale_plan` when the plan no longer holds, `conflict` when a problem of it is open, `approval` when this person
 * needs somebody else's.
 */
export async function runRestore(
  actor: Actor,
  { plan, ...consent }: RunRestore,
  sizes: Sizes = usualSizes,
): Promise<RestoreResult> {
  authorise(actor, "records.restore");
  const stored = await storedPlan(plan);
  if (!stored.parts) throw new Refusal("stale_plan", "This plan was never shown.", { fix: "Look at it first." });
  const order: Order = {
    restore: randomUUID(),
    plan,
    stored,
    reason: consent.reason || null,
    rowsInChunk: sizes.inChunk,
  };
  const need = {
    verb: "records.restore",
    tier: "costly" as const,
    subject: stored.subject,
    planHash: plan,
    secondPerson: approvalReason(actor, stored.input, stored.parts) !== null,
  };
  const agreed = { ...consent, planHash: plan };
  const place = await placeOfPlan(stored);
  if (chunksOf(stored.parts.writes, sizes) > 1) {
    return inControl(
      actor,
      async (tx, client) => {
        await requireConsent(tx, actor, need, agreed);
        const { restore, reason, rowsInChunk } = order;
        const title = `Restore of ${stored.subject}`;
        const job = await enqueueWith(client, actor, {
          kind: "records.restore",
          title,
          input: { restore, plan, reason, rowsInChunk },
          planHash: plan,
        });
        await beginRecord(tx, actor, order, place, job);
        return { restore, job };
      },
      { reason: order.reason },
    );
  }
  await inControl(actor, (tx) => beginRecord(tx, actor, order, place, null), { reason: order.reason });
  let written = false;
  try {
    await inControl(
      actor,
      async (tx) => {
        await requireConsent(tx, actor, need, agreed);
        const tally = await restoreAtOnce(actor, place, order);
        written = true;
        await endRecord(tx, order.restore, tally);
      },
      { reason: order.reason, limits: limits.long },
    );
  } catch (error) {
    const refusal = asRefusal(error);
    if (written || isInDoubt(refusal)) await settleRestore(actor, order.restore);
    else await fail(actor, order, refusal);
    if (!written) throw refusal;
  }
  return { restore: order.restore, job: null };
}

function isInDoubt(error: unknown): boolean {
  return error instanceof Refusal && error.code === "unknown_outcome";
}

function fail(actor: Actor, { restore }: Order, error: unknown): Promise<void> {
  const said = error instanceof Refusal ? error.message : "It stopped unexpectedly; nothing was written.";
  return inControl(actor, (tx) => endRecord(tx, restore, nothingWritten, said));
}
