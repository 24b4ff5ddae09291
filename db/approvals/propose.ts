import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { approvals } from "../schema/console.ts";
import type { Proposal } from "./contract.ts";

/** Asks for a second person's approval of one act, bound to the plan that was shown. Returns the proposal's id. */
export async function propose(actor: Actor, input: Proposal): Promise<string> {
  authorise(actor, "approvals.propose");
  const proposedBy = personOf(actor);
  return inControl(
    actor,
    async (tx) => {
      const [row] = await tx
        .insert(approvals)
        .values({ ...input, proposedBy })
        .returning({ id: approvals.id });
      if (!row) throw new Error("The proposal was not recorded.");
      return row.id;
    },
    { reason: input.reason },
  );
}

/** An approval counts people, so the product itself takes no part in one. */
export function personOf(actor: Actor): string {
  if (actor.staffId) return actor.staffId;
  throw new Refusal("approval", "This act needs two people, and you act as the system.", {
    fix: "Sign in to the console, or use a staff member's API token.",
  });
}
