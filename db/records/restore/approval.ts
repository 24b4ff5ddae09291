import type { Actor } from "../../actor.ts";
import { isEmpty, type PlanRestore, rowsForSupport } from "./contract.ts";
import type { PlanParts } from "./digest.ts";

/** Whoever may decide on others' restores may also run any. Everybody else runs small ones alone, in which nothing is to be decided. */
export function approvalReason(actor: Actor, input: PlanRestore, { rows, problems }: PlanParts): string | null {
  if (actor.capabilities.has("approvals.decide")) return null;
  const count = Object.values(rows).reduce((sum, table) => sum + table.rows, 0);
  if (count > rowsForSupport) {
    return `Your role restores up to ${rowsForSupport} rows alone; these are ${count}.`;
  }
  if (!isEmpty(input.choices) || Object.keys(problems).length > 0) {
    return "Your role restores alone only what comes back without any problem to decide on.";
  }
  return null;
}
