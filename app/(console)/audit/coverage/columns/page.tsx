import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { CoveredTable } from "#db/audit/coverage/contract.ts";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { readCoverage } from "#db/databases/coverage/tables.ts";
import { coverageHref } from "../words.ts";
import { ClassifyForm, type Column } from "./classify-form.tsx";

export const metadata: Metadata = { title: "Classify columns" };

const shownMax = 300;

export default async function ColumnsPage({ searchParams }: PageProps<"/audit/coverage/columns">) {
  const actor = await pageActor("databases.manage");
  const { database: wanted } = await searchParams;
  const databases = await adoptedDatabases(actor);
  const database = databases.find(({ id }) => id === wanted);
  if (!database) {
    if (wanted !== undefined) notFound();
    return (
      <Screen title="Classify columns" answer="Choose a database first.">
        <EmptyState
          title="No database is chosen"
          action={<LinkButton href="/audit/coverage">Show coverage</LinkButton>}
        />
      </Screen>
    );
  }
  const read = await settle(readCoverage(actor, database.id), "/audit/coverage/columns");
  const columns = read.ok ? columnsOf(read.data) : [];
  return (
    <Screen
      title="Classify columns"
      above={
        <>
          <Link href="/audit/coverage">Coverage</Link> of <Link href={coverageHref(database.id)}>{database.name}</Link>
        </>
      }
      answer={
        read.ok
          ? `Nobody has said yet what ${counted(columns.length, "column")} hold. The choice is what the name suggests: correct it.`
          : undefined
      }
    >
      {read.ok ? null : (
        <FailedState
          title="The columns could not be read"
          action={<LinkButton href={`/audit/coverage/columns?database=${database.id}`}>Try again</LinkButton>}
        >
          {read.message} {read.fix}
        </FailedState>
      )}
      {read.ok && columns.length === 0 ? (
        <EmptyState
          title="Every column is classified"
          action={<LinkButton href={coverageHref(database.id)}>Show coverage</LinkButton>}
        >
          Columns that are added to audited tables appear here.
        </EmptyState>
      ) : null}
      {columns.length > 0 ? (
        <ClassifyForm
          databaseId={database.id}
          columns={columns.slice(0, shownMax)}
          more={Math.max(0, columns.length - shownMax)}
        />
      ) : null}
    </Screen>
  );
}

function columnsOf(tables: readonly CoveredTable[]): Column[] {
  return tables.flatMap(({ schema, name, unclassified }) =>
    unclassified.map((column) => ({
      schema,
      table: name,
      column: column.name,
      type: column.type,
      class: column.suggested,
    })),
  );
}
