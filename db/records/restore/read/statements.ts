import type { PlanStatement } from "../contract.ts";
import { named, type Work, type WorkTable } from "../work.ts";
import { stepSql, tableOfStep } from "../write/statements.ts";
import type { Batch, Step } from "../write/steps.ts";

/** The statements that will run, each with its lock and why. */
export function readStatements(work: Work, batches: readonly Batch[]): PlanStatement[] {
  return batches.flat().map((step) => {
    const table = tableOfStep(work, step);
    const why = reason(step, table, work.undoing);
    const circle = batches.some((batch) => batch.length > 1 && batch.includes(step));
    return {
      sql: stepSql(table, step),
      object: `${step.rows} ${step.rows === 1 ? "row" : "rows"} of ${named(table)}`,
      lock: `ROW EXCLUSIVE on ${table.name}, until the end; readers and writers of other rows go on`,
      why: circle ? `${why} Together with the rows that need each other in a circle.` : why,
      transactional: true,
    };
  });
}

function reason({ act, yields, version, columns }: Step, { managed }: WorkTable, undoing: boolean): string {
  if (yields)
    return undoing
      ? "Rows that gave way take their places again."
      : "Live rows give way, before others take their place.";
  if (version) return "Takes the row back to the earlier version.";
  if (act === "insert") return "Puts rows back under their own keys; sequences stay where they are.";
  if (act === "delete") return "Takes out again what was put back.";
  if (undoing) return "Sets rows to what they were before the restore.";
  const mark = managed?.softDelete?.column;
  return mark !== undefined && columns.includes(mark)
    ? "Takes the mark off rows that never left their table."
    : "Points rows to what they pointed to until it went.";
}
