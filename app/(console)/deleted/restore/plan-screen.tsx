import { Status } from "#components/feedback/status.tsx";
import { Section } from "#components/page/section.tsx";
import { PlanView } from "#components/plan/plan-view.tsx";
import type { RestorePlan } from "#db/records/restore/contract.ts";
import { LookAt } from "./look-at.tsx";
import { ProblemForm } from "./problem-form.tsx";
import { TableList } from "./table-list.tsx";

/** The plan as people read it: what changed since, what to decide, which rows of which tables, and the statements. */
export function PlanScreen({ plan, may }: { plan: RestorePlan; may: boolean }) {
  const problems = plan.problems;
  return (
    <>
      <Notes plan={plan} />
      {problems.length === 0 ? (
        <Status kind="good">Nothing stands in the way.</Status>
      ) : (
        <Section title="Problems" answer="One choice for all of a kind, or another for single rows.">
          <ProblemForm key={plan.hash} plan={plan} may={may} />
        </Section>
      )}
      <Section title="Rows">
        <TableList plan={plan} may={may} />
      </Section>
      <LookAt plan={plan} />
      <Section title="Statements">
        <PlanView statements={plan.statements} hash={plan.hash} />
      </Section>
    </>
  );
}

function Notes({ plan: { changed, notes, approval, status } }: { plan: RestorePlan }) {
  return (
    <>
      {changed.length === 0 ? null : (
        <div role="status" className="rounded bg-sunken px-3 py-2">
          <p className="font-medium text-warning">▲ This is not the plan as it was shown before</p>
          <ul>
            {changed.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      {notes.map((note) => (
        <p key={note} className="text-muted">
          <Status kind="warning">{note}</Status>
        </p>
      ))}
      {approval === null || status === "nothing" ? null : (
        <p className="text-muted">
          <Status kind="neutral">{approval} An administrator approves it: the dialog asks them when you run it.</Status>
        </p>
      )}
    </>
  );
}
