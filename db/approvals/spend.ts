import { and, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { Actor } from "../actor.ts";
import { type Capability, capabilities, type Role, rolesWith } from "../capabilities.ts";
import type { Control } from "../control.ts";
import { Refusal } from "../errors.ts";
import { approvals } from "../schema/console.ts";
import { staff } from "../schema/staff.ts";
import { personOf } from "./propose.ts";

/**
 * Uses up an approval in the transaction of the act itself: if the act fails, the approval is still there. Without an id it is
 * the one that this person was given last for this very plan. The approver read the subject, which came with the proposal: it must be
 * the act's own. Of an act that is a capability, who approved it must hold that one. Answers the approval's id.
 */
export async function spendApproval(
  tx: Control,
  actor: Actor,
  act: { verb: string; subject: string; planHash: string; approvalId: string | undefined },
): Promise<string> {
  const person = personOf(actor);
  const given = and(
    eq(approvals.verb, act.verb),
    eq(approvals.subject, act.subject.trim()),
    eq(approvals.planHash, act.planHash),
    eq(approvals.proposedBy, person),
    isNotNull(approvals.approvedAt),
    isNull(approvals.usedAt),
    sql`${approvals.expiresAt} > clock_timestamp()`,
    sql`approvals_may_decide(${approvals.approvedBy})`,
    sql`EXISTS (SELECT FROM ${staff} WHERE ${staff.id} = ${approvals.approvedBy} AND ${inArray(staff.role, deciders(act.verb))})`,
  );
  const [found] = act.approvalId
    ? [{ id: act.approvalId }]
    : await tx.select({ id: approvals.id }).from(approvals).where(given).orderBy(desc(approvals.approvedAt)).limit(1);
  if (!found) {
    throw new Refusal("approval", "This act needs a second person's approval.", {
      fix: `Propose it; a colleague who may decide (${deciders(act.verb).join(" or ")}) finds it under Settings, Approvals.`,
    });
  }
  const used = await tx
    .update(approvals)
    .set({ usedBy: person, usedAt: sql`clock_timestamp()` })
    .where(and(eq(approvals.id, found.id), given))
    .returning({ id: approvals.id });
  if (used.length === 1) return found.id;
  throw new Refusal(
    "approval",
    "This approval does not hold: it must be for this plan under its own name, proposed by you, approved within the hour by somebody who may still decide, and not used yet.",
    { fix: "Propose the act again." },
  );
}

/** The roles that may approve an act. */
function deciders(verb: string): Role[] {
  const needed = decidingNeeds(verb);
  return rolesWith("approvals.decide").filter((role) => needed === null || rolesWith(needed).includes(role));
}

/** What whoever decides on an act must hold besides: the capability that the act itself is, where it is one. */
export function decidingNeeds(verb: string): Capability | null {
  return capabilities.find((capability) => capability === verb) ?? null;
}
