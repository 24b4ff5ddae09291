import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { type Control, inControl } from "../control.ts";
import { requireReauthentication } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { approvals } from "../schema/console.ts";
import type { Decision } from "./contract.ts";
import { personOf } from "./propose.ts";
import { decidingNeeds } from "./spend.ts";

/** Approves or declines somebody else's proposal. The database checks both people again. */
export async function decide(actor: Actor, input: Decision): Promise<void> {
  authorise(actor, "approvals.decide");
  const person = personOf(actor);
  await inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    const proposal = await readOpen(tx, input.id);
    if (proposal.planHash !== input.planHash) {
      throw new Refusal("stale_plan", "This is not the plan that the proposal is bound to.", {
        fix: "Reload the page.",
      });
    }
    if (proposal.proposedBy === person) {
      throw new Refusal("approval", "You proposed this, so somebody else decides.", { fix: "Ask a colleague." });
    }
    const needed = decidingNeeds(proposal.verb);
    if (needed !== null) authorise(actor, needed);
    const decision =
      input.decision === "approve" ? { approvedBy: person, approvedAt: now } : { declinedBy: person, declinedAt: now };
    await tx.update(approvals).set(decision).where(eq(approvals.id, input.id));
  });
}

/** Takes back one's own proposal before it is decided. */
export async function withdraw(actor: Actor, input: { id: string }): Promise<void> {
  authorise(actor, "approvals.propose");
  const person = personOf(actor);
  await inControl(actor, async (tx) => {
    const { proposedBy } = await readOpen(tx, input.id);
    if (proposedBy !== person) {
      throw new Refusal("forbidden", "Only who proposed it withdraws a proposal.", { fix: "Decline it instead." });
    }
    await tx.update(approvals).set({ declinedBy: person, declinedAt: now }).where(eq(approvals.id, input.id));
  });
}

const now = sql`clock_timestamp()`;

async function readOpen(tx: Control, id: string): Promise<{ verb: string; proposedBy: string; planHash: string }> {
  const [row] = await tx
    .select({ verb: approvals.verb, proposedBy: approvals.proposedBy, planHash: approvals.planHash })
    .from(approvals)
    .where(
      and(
        eq(approvals.id, id),
        isNull(approvals.approvedAt),
        isNull(approvals.declinedAt),
        sql`${approvals.expiresAt} > clock_timestamp()`,
      ),
    )
    .for("update");
  if (row) return row;
  throw new Refusal("conflict", "This proposal is not open: it was decided, or it expired after one hour.", {
    fix: "Reload the list; an expired one can be proposed again.",
  });
}
