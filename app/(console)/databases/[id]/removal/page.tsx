import type { Metadata } from "next";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { PlanView } from "#components/plan/plan-view.tsx";
import { planRemoval, type RemovalPlan } from "#db/databases/remove.ts";
import { Refusal } from "#db/errors.ts";
import { DatabaseScreen, databaseOf } from "../database-screen.tsx";
import { RemoveAdoption } from "./remove-adoption.tsx";

export const metadata: Metadata = { title: "Removal" };

export default async function RemovalPage({ params }: PageProps<"/databases/[id]/removal">) {
  const { actor, database } = await databaseOf("databases.manage", (await params).id);
  const plan = await planRemoval(actor, database.id).catch(refusalOnly);
  if (plan instanceof Refusal) {
    return (
      <DatabaseScreen actor={actor} database={database} begun answer="The plan cannot be made now.">
        <FailedState title={plan.message}>{plan.fix}</FailedState>
      </DatabaseScreen>
    );
  }
  return (
    <DatabaseScreen
      actor={actor}
      database={database}
      begun
      answer={answerOf(plan)}
      actions={
        plan.problems.length > 0 ? undefined : (
          <RemoveAdoption database={database} planHash={plan.hash} entries={count(plan.log.entries)} />
        )
      }
    >
      <PlanView
        summary={
          <p>
            The audit log in this database goes with the schema: {goes(plan.log)}. Its tenants are archived here; the
            application's own tables and rows stay as they are.
          </p>
        }
        statements={plan.statements}
        problems={plan.problems}
        hash={plan.hash}
        downloadHref={`/databases/${database.id}/removal/download`}
      />
    </DatabaseScreen>
  );
}

function goes({ entries, from, to }: RemovalPlan["log"]): string {
  const about = `about ${counted(entries, "entry", "entries")}`;
  if (from === null) return about;
  return `${about}, from ${from} to ${to}. Months that are archived under Audit, Retention, and what is exported under Audit, stay: do that first where the log is still wanted`;
}

function answerOf({ statements, problems }: RemovalPlan): string {
  if (problems.length > 0)
    return `${counted(problems.length, "problem")} must be solved before Caretaker can be taken out.`;
  return `${counted(statements.length, "statement")} take Caretaker out again and leave the schema as it was.`;
}

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
