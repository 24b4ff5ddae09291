import { Section } from "#components/page/section.tsx";
import type { PlanProblem } from "#components/plan/plan.ts";
import { PlanView } from "#components/plan/plan-view.tsx";
import type { RestorePlan, RestoreProblem } from "#db/records/restore/contract.ts";
import { ChoiceForm } from "./choice-form.tsx";
import { FieldsPreview } from "./fields-preview.tsx";
import { ProblemLinks } from "./problem-links.tsx";

/** The plan as people read it: what stands in the way and what can be chosen, what will be written, and the statement. */
export function PlanScreen({ plan }: { plan: RestorePlan }) {
  const statements = plan.statement.sql === "" ? [] : [plan.statement];
  return (
    <>
      <Section title="Plan">
        <PlanView statements={statements} problems={plan.problems.map(toProblem)} hash={plan.hash} />
      </Section>
      <ProblemLinks plan={plan} />
      <ChoiceForm plan={plan} />
      {plan.fields.length > 0 ? (
        <Section title="What will be written">
          <FieldsPreview fields={plan.fields} />
        </Section>
      ) : null}
    </>
  );
}

function toProblem(problem: RestoreProblem): PlanProblem {
  const words = problem.settled
    ? problem.columns.length > 0
      ? "Settled by your choice."
      : undefined
    : fixes[problem.code];
  return {
    severity: problem.settled ? "warning" : "blocking",
    subject: problem.columns.join(", ") || problem.about?.table || "the row",
    message: problem.message,
    ...(words === undefined ? {} : { fix: words }),
  };
}

const fixes: Partial<Record<RestoreProblem["code"], string>> = {
  masked: "Choose below what the field gets instead.",
  column_gone: "Choose below to leave it out; the value stays in the audit log.",
  type_changed: "Choose below what the field gets instead.",
  required: "Give the column a default in the database, then look again.",
  check_failed: "The rule would have to change, or the row stay where it is.",
  table_gone: "Create the table again, then look again.",
};
