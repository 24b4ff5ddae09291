import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { person } from "../../testing/people.ts";
import { completionHash, readMoveRecord } from "../move.ts";
import { completeMove } from "../verbs/act.ts";

/** Completes a move as two people do it. */
export async function completeByTwo(moveId: string): Promise<void> {
  const move = await readMoveRecord(moveId);
  const { actor: first } = await person("administrator", "First");
  const { actor: second } = await person("compliance", "Second");
  const planHash = completionHash(move);
  const asked = { verb: "moves.complete", subject: move.tenantName, planHash, reason: "it is over" };
  const approvalId = await propose(first, asked);
  await decide(second, { id: approvalId, planHash, decision: "approve" });
  await completeMove(first, { moveId, typed: move.tenantName, reason: "it is over", planHash, approvalId });
}
