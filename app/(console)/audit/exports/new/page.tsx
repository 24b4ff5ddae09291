import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { PartialNote } from "#components/feedback/states.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type EstimatedDatabase, type ExportEstimate, optionalColumns } from "#db/audit/export/contract.ts";
import { estimateExport } from "#db/audit/export/request.ts";
import { ExportForm } from "../export-form.tsx";
import { queryWords } from "../words.ts";

export const metadata: Metadata = { title: "New export" };

export default async function NewExportPage({ searchParams }: PageProps<"/audit/exports/new">) {
  const actor = await pageActor("audit.export");
  const query = queryOf(await searchParams);
  const estimate = await settle(estimateExport(actor, query), "export estimate");
  return (
    <Screen
      above={<Link href="/audit/exports">Exports</Link>}
      title="New export"
      answer={await queryWords(query)}
      actions={<LinkButton href={query === "" ? "/audit" : `/audit?${query}`}>Change the filter</LinkButton>}
    >
      {estimate.ok ? (
        <div className="grid items-start gap-8 lg:grid-cols-2">
          <Section title="How">
            <ExportForm query={query} columns={optionalColumns} />
          </Section>
          <Section title="What it will hold" answer={answerOf(estimate.data)}>
            <PartialNote silent={estimate.data.silent} />
            <Facts
              items={estimate.data.databases.map((database) => ({ label: database.name, value: amountOf(database) }))}
            />
          </Section>
        </div>
      ) : (
        <FailedState
          title="This filter cannot be exported"
          action={<LinkButton href="/audit">Set the filter again</LinkButton>}
        >
          {estimate.message} {estimate.fix}
        </FailedState>
      )}
    </Screen>
  );
}

function amountOf({ rows, archived }: EstimatedDatabase): string {
  return archived === 0
    ? `about ${count(rows)}`
    : `about ${count(rows)}, and up to ${count(archived)} of archived months`;
}

function answerOf({ rows, databases }: ExportEstimate): string {
  const archived = databases.reduce((sum, database) => sum + database.archived, 0);
  const months = archived === 0 ? "" : ` and up to ${count(archived)} of archived months`;
  return `About ${count(rows - archived)} entries of ${counted(databases.length, "database")}, as the planner guesses${months}; all that had been committed when it begins, and nothing later.`;
}

/** The audit page's own params; its columns and cursor are no part of the filter. */
function queryOf(params: Record<string, string | string[] | undefined>): string {
  const kept = Object.entries(params).flatMap(([name, value]) =>
    name === "columns" || name === "cursor" ? [] : [value].flat().flatMap((one) => (one ? [[name, one]] : [])),
  );
  return new URLSearchParams(kept).toString();
}
