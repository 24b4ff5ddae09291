import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, PartialNote } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type DatabaseHealth, healthQuery } from "#db/records/health/contract.ts";
import { softDeleteHealth } from "#db/records/health/read.ts";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { TableHealthView } from "./table-health.tsx";

export const metadata: Metadata = { title: "Health of soft deletes" };

/** Per table that marks its deleted rows: what is wrong with that, and the SQL that mends it. */
export default async function Health({ searchParams }: PageProps<"/deleted/health">) {
  const actor = await pageActor("records.read");
  const query = healthQuery.safeParse(await searchParams);
  const { databases, silent } = await softDeleteHealth(actor, query.success ? query.data : {});
  const marking = databases.filter(({ tables }) => tables.length > 0);
  return (
    <Screen title="Health of soft deletes" answer={answer(databases)} filters={<DeletedTabs />}>
      <PartialNote silent={silent} />
      {marking.length === 0 && silent.length === 0 ? (
        <EmptyState
          title="No table marks its deleted rows"
          action={<LinkButton href="/databases">Look at the databases</LinkButton>}
        >
          Where a column such as deleted_at is confirmed in a database's model, its table is looked at here.
        </EmptyState>
      ) : null}
      {marking.map(({ database, databaseName, tables }) => (
        <Section key={database} title={databaseName} answer="Rows are the planner's estimates.">
          <div className="grid gap-6">
            {tables.map((table) => (
              <TableHealthView key={`${table.schema}.${table.table}`} database={databaseName} table={table} />
            ))}
          </div>
        </Section>
      ))}
    </Screen>
  );
}

function answer(databases: readonly DatabaseHealth[]): string {
  const tables = databases.flatMap((database) => database.tables);
  if (tables.length === 0) return "No table was looked at.";
  const ill = tables.filter(({ findings }) => findings.some(({ severity }) => severity === "warning")).length;
  const unknown = tables.filter((table) => table.unknown.length > 0).length;
  const left = unknown === 0 ? "" : ` Not all could be looked at in ${counted(unknown, "table")}.`;
  return ill === 0
    ? `None of ${counted(tables.length, "table")} needs attention.${left}`
    : `${ill} of ${counted(tables.length, "table")} ${ill === 1 ? "needs" : "need"} attention.${left}`;
}
