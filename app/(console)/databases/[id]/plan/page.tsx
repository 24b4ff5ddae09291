import type { Metadata } from "next";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { PlanView } from "#components/plan/plan-view.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type AdoptionPlan, planAdoption } from "#db/databases/plan.ts";
import { Refusal } from "#db/errors.ts";
import { DatabaseScreen, databaseOf } from "../database-screen.tsx";
import { ApplyPlan } from "./apply-plan.tsx";

export const metadata: Metadata = { title: "Adoption plan" };

export default async function PlanPage({ params }: PageProps<"/databases/[id]/plan">) {
  const { actor, database } = await databaseOf("databases.read", (await params).id);
  const plan = await planAdoption(actor, database.id).catch(refusalOnly);
  if (plan instanceof Refusal) {
    return (
      <DatabaseScreen actor={actor} database={database} answer="The plan cannot be made now.">
        <FailedState title={plan.message}>{plan.fix}</FailedState>
      </DatabaseScreen>
    );
  }
  const blocked = plan.problems.some((problem) => problem.severity === "blocking");
  const manages = actor.capabilities.has("databases.manage");
  return (
    <DatabaseScreen
      actor={actor}
      database={database}
      begun={plan.installedVersion !== null}
      answer={answerOf(plan, database.adoptedAt !== null)}
      actions={
        manages && !blocked && plan.statements.length > 0 ? (
          <ApplyPlan database={database} plan={toApply(plan)} />
        ) : null
      }
    >
      <PlanView
        summary={summaryOf(plan, database.id)}
        statements={plan.statements}
        problems={plan.problems}
        hash={plan.hash}
        downloadHref={`/databases/${database.id}/plan/download`}
      />
    </DatabaseScreen>
  );
}

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function toApply({ hash, statements, units }: AdoptionPlan) {
  return { hash, statements: statements.length, transactions: units.length };
}

function answerOf(plan: AdoptionPlan, adopted: boolean): string {
  if (plan.statements.length === 0 && plan.audited > 0) return "Everything in the plan is applied.";
  if (plan.statements.length === 0) return "There is no plan before the model is confirmed.";
  const begun = adopted || plan.installedVersion !== null ? " still" : "";
  return `${counted(plan.statements.length, "statement")} would${begun} run; nothing has changed yet.`;
}

function summaryOf(plan: AdoptionPlan, databaseId: string) {
  if (plan.audited === 0) {
    return <LinkButton href={`/databases/${databaseId}/model`}>Look at the model</LinkButton>;
  }
  if (plan.statements.length === 0) return <Status kind="good">The database is as the model says.</Status>;
  return (
    <p>
      Everything is installed in the schema <code>caretaker</code>; {counted(plan.audited, "table")} get triggers that
      record their writes
      {plan.secured > 0 ? `, ${plan.secured} get row security` : ""}. It runs as{" "}
      {counted(plan.units.length, "transaction")}: a lock is asked for with a short limit and again later, so nobody
      queues behind it. Cut off half-way, it goes on with what is left.
    </p>
  );
}
