import { sql } from "drizzle-orm";
import type { Actor } from "./actor.ts";
import type { Consent } from "./approvals/contract.ts";
import { spendApproval } from "./approvals/spend.ts";
import type { Control } from "./control.ts";
import { Refusal } from "./errors.ts";

/**
 * Reversible: done at once, with undo. Costly: a dialog restates it. Irreversible, or for a whole tenant: the subject's
 * name typed, a reason, the plan's hash where there is a plan, and the password given within the last five minutes.
 */
export type DangerTier = "reversible" | "costly" | "irreversible";

export interface Need {
  /** The verb's name, such as "tenants.suspend"; an approval is for one verb. */
  verb: string;
  tier: DangerTier;
  /** The name to type. */
  subject: string;
  /** The hash of the plan as it is now. */
  planHash?: string;
  /** Whether a second person must have approved this very plan. */
  secondPerson?: boolean;
}

/**
 * Refuses unless the person gave what this act needs. Called first inside the act's transaction, in which an approval
 * is used up, so that the act and its approval stand or fall together. Answers that approval's id, where one was needed.
 */
export async function requireConsent(tx: Control, actor: Actor, need: Need, consent: Consent): Promise<string | null> {
  requirePlan(need, consent);
  if (need.tier === "irreversible") {
    requireWords(need, consent);
    await requireReauthentication(tx, actor);
  }
  if (!need.secondPerson) return null;
  const { verb, subject, planHash } = need;
  if (!planHash) throw new TypeError(`${verb} needs a plan, since an approval is bound to one.`);
  return await spendApproval(tx, actor, { verb, subject, planHash, approvalId: consent.approvalId });
}

function requirePlan(need: Need, consent: Consent): void {
  if (need.planHash === undefined || need.planHash === consent.planHash) return;
  throw new Refusal("stale_plan", "The plan has changed since it was shown.", { fix: "Look at the new plan first." });
}

function requireWords(need: Need, consent: Consent): void {
  const fieldErrors: Record<string, string> = {};
  if (consent.typed?.trim() !== need.subject.trim()) fieldErrors.typed = `Type ${need.subject} exactly.`;
  if (!consent.reason?.trim()) fieldErrors.reason = "Say why; it goes into the audit log.";
  if (Object.keys(fieldErrors).length === 0) return;
  throw new Refusal("invalid", "This act needs the name typed and a reason.", { fieldErrors });
}

/** The password must have been given in the last five minutes, by PostgreSQL's clock. The system itself has none. */
export async function requireReauthentication(tx: Control, actor: Actor): Promise<void> {
  if (actor.kind === "system") return;
  const { rows } = await tx.execute<{ recent: boolean | null }>(
    sql`SELECT ${actor.reauthenticatedAt}::timestamptz > clock_timestamp() - interval '5 minutes' AS recent`,
  );
  if (rows[0]?.recent) return;
  throw new Refusal("reauthentication", "This act needs your password again; it holds for five minutes.", {
    fix: actor.sessionId ? "Give your password." : "An API token can not do this: do it in the console.",
  });
}
