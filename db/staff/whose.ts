import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";

/** Whose sessions or tokens are asked for: one's own, or anybody's for who manages staff. */
export function whose(actor: Actor, staffId: string | undefined): string {
  authorise(actor, staffId === undefined || staffId === actor.staffId ? "self.manage" : "staff.manage");
  const owner = staffId ?? actor.staffId;
  if (owner) return owner;
  throw new Refusal("not_found", "The system has no account.", { fix: "Name a member of staff." });
}
