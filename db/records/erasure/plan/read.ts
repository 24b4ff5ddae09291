import { type Actor, authorise } from "../../../actor.ts";
import { Refusal } from "../../../errors.ts";
import type { ErasurePlan } from "../contract.ts";
import { type ErasureRow, erasureRow, foundOf, keptOf } from "../stored.ts";
import { type Evaluated, evaluate } from "./evaluate.ts";

/** The plan as it stands, from what was found and chosen; null while the search is under way, and once the erasure is done. */
export async function readErasurePlan(actor: Actor, id: string): Promise<ErasurePlan | null> {
  authorise(actor, "records.erase");
  return evaluated(await erasureRow(id))?.plan ?? null;
}

function evaluated(row: ErasureRow): Evaluated | null {
  const found = foundOf(row);
  if (!found) return null;
  const { subject, choices } = keptOf(row);
  return evaluate(found, choices, subject);
}

/** @throws Refusal `conflict` while there is no plan. */
export function requirePlan(row: ErasureRow): Evaluated {
  const plan = evaluated(row);
  if (plan) return plan;
  throw new Refusal("conflict", "There is no plan yet: the search is under way, or it failed.", {
    fix: "Look at the search's progress, or search again.",
  });
}
