import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type DatabaseIsolation, fleetIsolation } from "#db/databases/isolation/read.ts";
import { TenantsTabs } from "../tenants-tabs.tsx";
import { isStale, runKind, runSentence } from "./words.ts";

export const metadata: Metadata = { title: "Isolation" };

/** Database by database: whether one tenant's session reaches another tenant's rows. */
export default async function IsolationPage({ searchParams }: PageProps<"/tenants/isolation">) {
  const actor = await pageActor("databases.read");
  const { database } = await searchParams;
  const all = await fleetIsolation(actor);
  const shown =
    typeof database === "string" && database !== "" ? all.filter((one) => one.databaseId === database) : all;
  return (
    <Screen title="Isolation" answer={answer(shown)} filters={<TenantsTabs />}>
      {shown.length === 0 ? (
        <EmptyState
          title="No database to check"
          action={<LinkButton href="/databases">Look at the databases</LinkButton>}
        >
          Each adopted database is checked every night: two tenants&apos; sessions, as the application&apos;s own role,
          try every way to each other&apos;s rows.
        </EmptyState>
      ) : (
        <Table label="Isolation by database">
          <Head
            columns={[
              { label: "Database" },
              { label: "Standing" },
              { label: "Tables", align: "end" },
              { label: "Leak", align: "end" },
              { label: "Warnings", align: "end" },
              { label: "Checked" },
            ]}
          />
          <tbody>
            {shown.map((one) => (
              <DatabaseRow key={one.databaseId} of={one} />
            ))}
          </tbody>
        </Table>
      )}
    </Screen>
  );
}

function DatabaseRow({ of: { databaseId, name, run, failure } }: { of: DatabaseIsolation }) {
  return (
    <Row>
      <Cell narrow="title">
        <Link href={`/tenants/isolation/${databaseId}`} className="text-accent">
          {name}
        </Link>
      </Cell>
      <Cell narrow="meta" className="whitespace-normal">
        {failure ? (
          <Status kind="unknown">The last check failed: {failure.error}</Status>
        ) : run ? (
          <Status kind={runKind(run)}>{runSentence(run)}</Status>
        ) : (
          <Status kind="unknown">Not checked yet</Status>
        )}
      </Cell>
      <Cell align="end" narrow="hidden">
        {run ? count(run.tables) : ""}
      </Cell>
      <Cell align="end" narrow="hidden">
        {run ? count(run.leaking) : ""}
      </Cell>
      <Cell align="end" narrow="hidden">
        {run ? count(run.warnings) : ""}
      </Cell>
      <Cell narrow="end">
        {run ? <When at={run.finishedAt} /> : "never"}
        {run && isStale(run, Date.now()) ? <span className="ml-2 text-warning">stale</span> : null}
      </Cell>
    </Row>
  );
}

function answer(databases: readonly DatabaseIsolation[]): string {
  const runs = databases.flatMap(({ run }) => run ?? []);
  const total = counted(databases.length, "database");
  if (runs.length === 0) return databases.length === 0 ? "No database is adopted." : `Not checked yet: ${total}.`;
  const leaking = runs.filter(({ critical }) => critical > 0);
  const tables = runs.reduce((sum, one) => sum + one.tables, 0);
  const leaks = leaking.reduce((sum, one) => sum + one.leaking, 0);
  const unchecked = databases.length - runs.length;
  const left =
    unchecked > 0 ? ` ${counted(unchecked, "database")} ${unchecked === 1 ? "was" : "were"} not checked yet.` : "";
  if (leaking.length > 0)
    return `${leaks} of ${counted(tables, "table")} ${leaks === 1 ? "leaks" : "leak"}, in ${leaking.length} of ${total}.${left}`;
  const but = runs.some((one) => one.leaking > 0) ? ", but for what was accepted" : "";
  return `None of ${counted(tables, "table")} in ${counted(runs.length, "database")} leaks${but}.${left}`;
}
