import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { FailedState, PartialNote } from "#components/feedback/states.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type ExportEstimate, optionalColumns } from "#db/audit/export/contract.ts";
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
      answer={queryWords(query)}
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
              items={estimate.data.databases.map(({ name, rows }) => ({ label: name, value: `about ${count(rows)}` }))}
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

function answerOf({ rows, databases }: ExportEstimate): string {
  return `About ${count(rows)} entries of ${counted(databases.length, "database")}, as the planner guesses; all that had been committed when it begins, and nothing later.`;
}

/** The audit page's own params; its columns and cursor are no part of the filter. */
function queryOf(params: Record<string, string | string[] | undefined>): string {
  const kept = Object.entries(params).flatMap(([name, value]) =>
    name === "columns" || name === "cursor" ? [] : [value].flat().flatMap((one) => (one ? [[name, one]] : [])),
  );
  return new URLSearchParams(kept).toString();
}
