import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Actor } from "../actor.ts";
import type { Control } from "../control.ts";
import { Refusal } from "../errors.ts";
import { approvals } from "../schema/console.ts";
import { personOf } from "./propose.ts";

/** Uses up an approval in the transaction of the act itself: if the act fails, the approval is still there. */
export async function spendApproval(
  tx: Control,
  actor: Actor,
  act: { verb: string; planHash: string; approvalId: string | undefined },
): Promise<void> {
  const person = personOf(actor);
  if (!act.approvalId) {
    throw new Refusal("approval", "This act needs a second person's approval.", {
      fix: "Propose it; a colleague who may decide finds it under Settings, Approvals.",
    });
  }
  const used = await tx
    .update(approvals)
    .set({ usedBy: person, usedAt: sql`clock_timestamp()` })
    .where(
      and(
        eq(approvals.id, act.approvalId),
        eq(approvals.verb, act.verb),
        eq(approvals.planHash, act.planHash),
        eq(approvals.proposedBy, person),
        isNotNull(approvals.approvedAt),
        isNull(approvals.usedAt),
        sql`${approvals.expiresAt} > clock_timestamp()`,
        sql`approvals_may_decide(${approvals.approvedBy})`,
      ),
    )
    .returning({ id: approvals.id });
  if (used.length === 1) return;
  throw new Refusal(
    "approval",
    "This approval does not hold: it must be for this plan, proposed by you, approved within the hour by somebody who may still decide, and not used yet.",
    { fix: "Propose the act again." },
  );
}
