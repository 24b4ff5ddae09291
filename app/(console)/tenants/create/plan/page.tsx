import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import Link from "next/link";
import { parseAddress } from "#app/_server/parse.ts";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { PlanView } from "#components/plan/plan-view.tsx";
import { Refusal } from "#db/errors.ts";
import { type PlanTenant, planTenantForm, type TenantPlan } from "#db/tenants/contract.ts";
import { planTenant } from "#db/tenants/make/plan.ts";
import { StartTenant } from "./start-tenant.tsx";

export const metadata: Metadata = { title: "Plan of a new tenant" };

export default async function TenantPlanPage({ searchParams }: PageProps<"/tenants/create/plan">) {
  const actor = await pageActor("tenants.write");
  const asked = parseAddress(planTenantForm, await searchParams);
  const back = <Link href="/tenants/create">Create tenant</Link>;
  if (!asked.ok) {
    return (
      <Screen title="Plan of a new tenant" above={back} answer="This address does not say what is to be created.">
        <FailedState title="Something is missing">{asked.why}</FailedState>
      </Screen>
    );
  }
  const plan = await planTenant(actor, asked.data, randomUUID()).catch(toRefusal);
  if (plan instanceof Refusal) {
    return (
      <Screen title={`New tenant ${asked.data.name}`} above={back} answer="The plan cannot be made now.">
        <FailedState title={plan.message}>{plan.fix}</FailedState>
      </Screen>
    );
  }
  const blocked = plan.problems.some((problem) => problem.severity === "blocking");
  return (
    <Screen title={`New tenant ${asked.data.name}`} above={back} answer={answerOf(plan)}>
      <PlanView summary={summaryOf(plan)} statements={plan.statements} problems={plan.problems} hash={plan.hash} />
      {blocked ? null : <StartTenant name={asked.data.name} fields={fieldsOf(asked.data, plan)} />}
    </Screen>
  );
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function answerOf(plan: TenantPlan): string {
  const what =
    plan.tier === "schema" ? `the schema ${plan.place} of ${plan.databaseName}` : `the database ${plan.place}`;
  return `${counted(plan.statements.length, "statement")} would make ${what} with ${counted(plan.tables, "table")}; nothing has changed yet.`;
}

function summaryOf(plan: TenantPlan) {
  return (
    <p>
      {plan.tier === "schema"
        ? "The tables are made in one transaction that nobody waits for; a foreign key to a table that all tenants share asks for its lock with a short limit, and again later."
        : "The database is made first, then its tables, the rows that every tenant uses and Caretaker itself in one transaction."}{" "}
      The tenant's row in the application's own table comes last. Cut off half-way, it goes on or is taken back.
    </p>
  );
}

function fieldsOf(asked: PlanTenant, plan: TenantPlan): Record<string, string> {
  const { values, slug, serverId, reason, ...rest } = asked;
  return {
    ...rest,
    ...(slug === undefined ? {} : { slug }),
    ...(serverId === undefined ? {} : { serverId }),
    ...(reason === undefined ? {} : { reason }),
    ...Object.fromEntries(Object.entries(values).map(([column, value]) => [`values.${column}`, value])),
    tenantId: plan.tenantId,
    planHash: plan.hash,
  };
}
