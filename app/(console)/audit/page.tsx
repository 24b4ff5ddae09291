import type { Metadata } from "next";
import { Suspense } from "react";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { ColumnMenu } from "#components/table/column-menu.tsx";
import { filterQuery, filterTerms, readFilter } from "#db/audit/contract.ts";
import { readingRecorded } from "#db/audit/reading.ts";
import { listViews } from "#db/audit/saved-views.ts";
import { AuditQuery } from "./audit-query.tsx";
import { AuditTabs } from "./audit-tabs.tsx";
import { ColdSearch } from "./cold/cold-search.tsx";
import { choosableColumns, readColumns, usualColumns } from "./columns.ts";
import { Entries } from "./entries.tsx";
import { ExportButton } from "./exports/export-button.tsx";
import { filterSentence } from "./filter-words.ts";
import { LeftOut } from "./left-out.tsx";
import { ReadingButton } from "./reading-button.tsx";
import { SaveViewButton, ViewsMenu } from "./views-menu.tsx";

export const metadata: Metadata = { title: "Audit" };

interface AuditProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Audit({ searchParams }: AuditProps) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const { filter, dropped, problem } = readFilter(params);
  const { q = "", ...scope } = filter;
  const columns = readColumns([params.columns].flat()[0]);
  const kept = new URLSearchParams(filterQuery(scope));
  if (columns !== usualColumns) kept.set("columns", columns.join());
  const [views, recorded] = await Promise.all([
    listViews(actor, "audit"),
    actor.capabilities.has("staff.manage") ? readingRecorded() : null,
  ]);
  const saved = new URLSearchParams([...kept, ...(q ? [["q", q]] : [])]).toString();
  return (
    <Screen
      title="Audit"
      answer={problem ? "The filter cannot be read, so nothing was asked." : filterSentence(filterTerms({ q }))}
      actions={
        <>
          <ViewsMenu views={views} />
          <SaveViewButton query={saved} views={views} />
          {problem ? null : <ExportButton actor={actor} filter={filter} />}
          {recorded ? <ReadingButton recorded={recorded} /> : null}
        </>
      }
      filters={
        <div className="grid gap-3">
          <AuditTabs />
          <AuditQuery
            text={problem?.q ?? q}
            kept={kept.toString()}
            scope={scope}
            path="/audit"
            label="Filter the audit log"
            placeholder="Any id, name or e-mail, or action:delete table:payments -actor:system"
            aside={<ColumnMenu columns={choosableColumns} usual={usualColumns} />}
          />
        </div>
      }
    >
      <LeftOut dropped={dropped} />
      {params.asks === "record" && !/\brecord:/.test(q) ? (
        <p role="status" className="text-muted">
          This view asks about one record: add <code>record:</code> and its id.
        </p>
      ) : null}
      {problem ? null : (
        <>
          <Entries actor={actor} filter={filter} columns={columns} kept={kept.toString()} />
          <Suspense fallback={null}>
            <ColdSearch actor={actor} filter={filter} />
          </Suspense>
        </>
      )}
    </Screen>
  );
}
