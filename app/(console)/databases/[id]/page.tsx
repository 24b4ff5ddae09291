import type { Metadata } from "next";
import Link from "next/link";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Status } from "#components/feedback/status.tsx";
import { count } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { FleetDatabase } from "#db/databases/read.ts";
import { type AdoptionStatus, adoptionStatus } from "#db/databases/status.ts";
import { forgetDatabase, startTenantSync } from "../actions.ts";
import { stateLook } from "../words.ts";
import { DatabaseScreen, databaseOf } from "./database-screen.tsx";

export async function generateMetadata({ params }: PageProps<"/databases/[id]">): Promise<Metadata> {
  return { title: (await databaseOf("databases.read", (await params).id)).database.name };
}

export default async function DatabasePage({ params }: PageProps<"/databases/[id]">) {
  const { actor, database } = await databaseOf("databases.read", (await params).id);
  const status = await adoptionStatus(actor, database.id);
  const look = stateLook[status.state];
  return (
    <DatabaseScreen
      actor={actor}
      database={database}
      begun={status.state === "interrupted"}
      answer={
        <>
          <Status kind={look.kind}>{look.word}</Status> {status.sentence}
        </>
      }
      actions={actor.capabilities.has("databases.manage") ? <NextStep database={database} status={status} /> : null}
    >
      {status.state === "unreachable" ? (
        <FailedState
          title="The database does not answer"
          action={<LinkButton href={`/databases/${database.id}`}>Try again</LinkButton>}
        >
          {status.sentence}
        </FailedState>
      ) : null}
      <div className="grid gap-x-10 gap-y-6 lg:grid-cols-2">
        <Section title="What it is">
          <Facts items={factsOf(database, status)} />
        </Section>
        <Section title="Differences from the model" answer={status.drift.length === 0 ? noDrift(status) : undefined}>
          {status.drift.length > 0 ? <DriftTable status={status} /> : null}
        </Section>
      </div>
    </DatabaseScreen>
  );
}

function NextStep({ database, status }: { database: FleetDatabase; status: AdoptionStatus }) {
  const base = `/databases/${database.id}`;
  if (status.state === "unconfirmed")
    return (
      <LinkButton look="primary" href={`${base}/model`}>
        Look at the model
      </LinkButton>
    );
  return (
    <>
      {database.adoptedAt && (database.tenantsTable || database.ownTenantKey) ? (
        <ActionButton action={startTenantSync} input={{ databaseId: database.id }}>
          Import tenants
        </ActionButton>
      ) : null}
      {status.state === "interrupted" ? <LinkButton href={`${base}/removal`}>Remove what stands…</LinkButton> : null}
      {database.adoptedAt || status.state === "interrupted" ? null : (
        <ActionButton action={forgetDatabase} input={{ databaseId: database.id }} redirectTo="/databases">
          Forget {database.name}
        </ActionButton>
      )}
      {status.state === "adopted" || status.state === "unreachable" ? null : (
        <LinkButton look="primary" href={`${base}/plan`}>
          Look at the plan
        </LinkButton>
      )}
    </>
  );
}

function factsOf(database: FleetDatabase, status: AdoptionStatus) {
  const { tablesByClass: by, tenantsTable, usersTable } = database;
  const named = (table: FleetDatabase["tenantsTable"]) =>
    table ? <code>{`${table.schema}.${table.table}`}</code> : <span className="text-faint">none</span>;
  return [
    { label: "Adopted", value: <Adopted database={database} /> },
    {
      label: "Tables",
      value: `${count(by.tenant)} with the tenant's key, ${count(by.child)} by foreign keys, ${count(by.reference)} shared, ${count(by.ignored)} left alone`,
    },
    { label: "Audited", value: `${count(status.captured)} of ${count(status.audited)} tables` },
    { label: "Row security", value: status.secured === 0 ? "on no table" : `on ${count(status.secured)} tables` },
    {
      label: "Tenants are listed in",
      value: database.ownTenantKey
        ? `another database; this one is ${database.ownTenantKey}'s own`
        : named(tenantsTable),
    },
    { label: "People are listed in", value: named(usersTable) },
    {
      label: "The application connects as",
      value: database.applicationRole ? (
        <code>{database.applicationRole}</code>
      ) : (
        <span className="text-faint">not said</span>
      ),
    },
    { label: "Go to", value: <GoTo id={database.id} /> },
  ];
}

function Adopted({ database }: { database: FleetDatabase }) {
  if (!database.adoptedAt) return <>not yet</>;
  return (
    <>
      <When at={database.adoptedAt} /> by {database.adoptedBy}
    </>
  );
}

function GoTo({ id }: { id: string }) {
  return (
    <span className="flex flex-wrap gap-x-4">
      <Link href={`/audit?database=${id}`}>audit</Link>
      <Link href={`/deleted?database=${id}`}>deleted records</Link>
      <Link href={`/tenants?database=${id}`}>tenants</Link>
      <Link href={`/performance?database=${id}`}>performance</Link>
    </span>
  );
}

function noDrift(status: AdoptionStatus): string {
  if (status.state === "unreachable") return "Unknown while the database does not answer.";
  if (status.state === "unconfirmed") return "There is no model to compare with yet.";
  return "None: the database is what the model says.";
}

function DriftTable({ status }: { status: AdoptionStatus }) {
  return (
    <Table label="Differences">
      <Head columns={[{ label: "Table" }, { label: "Difference" }, { label: "What to do" }]} />
      <tbody>
        {status.drift.map((one) => (
          <Row key={`${one.table} ${one.what}`}>
            <Cell mono narrow="title">
              {one.table}
            </Cell>
            <Cell narrow="meta">{one.what}</Cell>
            <Cell narrow="meta" className="text-muted">
              {one.fix}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
