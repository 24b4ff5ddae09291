import type { PlanStatement } from "../contract.ts";
import { named, type Work } from "../work.ts";
import { stepSql, tableOfStep } from "../write/statements.ts";
import type { Batch, Step } from "../write/steps.ts";

/** The statements that will run, each with its lock and why. */
export function readStatements(work: Work, batches: readonly Batch[]): PlanStatement[] {
  return batches.flat().map((step) => {
    const table = tableOfStep(work, step);
    const circle = batches.some((batch) => batch.length > 1 && batch.includes(step));
    return {
      sql: stepSql(table, step),
      object: `${step.rows} ${step.rows === 1 ? "row" : "rows"} of ${named(table)}`,
      lock: `ROW EXCLUSIVE on ${table.name}, until the end; readers and writers of other rows go on`,
      why: circle ? `${reason(step)} Together with the rows that need each other in a circle.` : reason(step),
      transactional: true,
    };
  });
}

function reason({ act, yields, version }: Step): string {
  if (yields) return "Live rows give way, before others take their place.";
  if (version) return "Takes the row back to the earlier version.";
  if (act === "insert") return "Puts rows back under their own keys; sequences stay where they are.";
  if (act === "delete") return "Takes out again what was put back.";
  return "Takes the mark off rows that never left their table.";
}
