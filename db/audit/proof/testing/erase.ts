import { decide } from "../../../approvals/decide.ts";
import { propose } from "../../../approvals/propose.ts";
import type { Person } from "../../../testing/people.ts";
import type { ErasureInput } from "../contract.ts";
import { eraseValues, planErasure } from "../erase.ts";

/** An erasure that two people agreed to, in the queue. Returns the job's id. */
export async function agreeToErase(asks: Person, agrees: Person, input: ErasureInput): Promise<string> {
  const { hash, subject } = await planErasure(asks.actor, input);
  const reason = "Asked for by letter";
  const approvalId = await propose(asks.actor, { verb: "audit.erase", subject, planHash: hash, reason });
  await decide(agrees.actor, { id: approvalId, planHash: hash, decision: "approve" });
  const { jobId } = await eraseValues(asks.actor, input, { planHash: hash, approvalId, typed: subject, reason });
  return jobId;
}
