import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Status } from "#components/feedback/status.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { Problems } from "#components/plan/problems.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { Refusal } from "#db/errors.ts";
import { type LeavePlan, type Leaving, leavings } from "#db/tenants/leave/contract.ts";
import { planLeave } from "#db/tenants/leave/plan.ts";
import { LeaveTenant } from "./leave-tenant.tsx";

export const metadata: Metadata = { title: "End of a tenant" };

export default async function LeavePage({ params, searchParams }: PageProps<"/tenants/[id]/leave">) {
  const actor = await pageActor("tenants.read");
  const { id } = await params;
  const asked = await searchParams;
  const how = leavings.find((one) => one === asked.how) ?? "archive";
  const plan = await planLeave(actor, { tenantId: id, how }).catch(refusalOnly);
  const back = <Link href={`/tenants/${id}`}>The tenant</Link>;
  if (plan instanceof Refusal) {
    return (
      <Screen title={titles[how]} above={back} answer="It cannot be planned now.">
        <FailedState title={plan.message}>{plan.fix}</FailedState>
      </Screen>
    );
  }
  const blocked = plan.problems.some((problem) => problem.severity === "blocking");
  return (
    <Screen
      title={`${titles[how]}: ${plan.name}`}
      above={back}
      answer={`${counted(plan.rows, "row")} of ${counted(plan.tables.length, "table")} would go; nothing has changed yet.`}
      actions={blocked || !actor.capabilities.has("tenants.write") ? null : <LeaveTenant plan={plan} />}
    >
      {asked.plan && asked.plan !== plan.hash ? (
        <Status kind="warning">The plan that was proposed is another one: the tenant has changed since.</Status>
      ) : null}
      <p className="max-w-[90ch]">{effects[how]}</p>
      <Problems problems={plan.problems} />
      <Section title="What goes">
        <PlannedTables plan={plan} />
      </Section>
    </Screen>
  );
}

const titles: Record<Leaving, string> = { archive: "Archive", delete: "Delete" };

const effects: Record<Leaving, string> = {
  archive:
    "Its rows are written to one file of SQL, with a checksum. The file is restored into a scratch database and every table is compared, row for row by hash. Only then its rows, and its schema or database, are removed. The file stays, and psql restores it without this console.",
  delete:
    "Its rows, and its schema or database, are removed, and nothing is kept but a certificate: how many rows of which table, when, by whom, and which backups still hold them. Its name and notes go too.",
};

function PlannedTables({ plan }: { plan: LeavePlan }) {
  return (
    <Table label="Tables">
      <Head columns={[{ label: "Table" }, { label: "Rows", align: "end" }]} />
      <tbody>
        {plan.tables.map((table) => (
          <Row key={table.name}>
            <Cell mono narrow="title">
              {table.name}
            </Cell>
            <Cell align="end" narrow="end">
              {count(table.rows)}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
