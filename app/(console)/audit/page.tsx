import type { Metadata } from "next";
import { Suspense } from "react";
import { pageActor } from "#app/_server/session.ts";
import { PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { ColumnMenu } from "#components/table/column-menu.tsx";
import { filterQuery, filterTerms, readFilter } from "#db/audit/contract.ts";
import { listViews } from "#db/audit/saved-views.ts";
import { searchAudit } from "#db/audit/search.ts";
import { AuditQuery } from "./audit-query.tsx";
import { AuditTabs } from "./audit-tabs.tsx";
import { ColdSearch } from "./cold/cold-search.tsx";
import { choosableColumns, readColumns, usualColumns } from "./columns.ts";
import { EntryList } from "./entry-list.tsx";
import { filterSentence } from "./filter-words.ts";
import { Nothing } from "./nothing.tsx";
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
  const query = filterQuery(filter);
  const [page, views] = await Promise.all([problem ? null : searchAudit(actor, filter), listViews(actor, "audit")]);
  const saved = new URLSearchParams([...kept, ...(q ? [["q", q]] : [])]).toString();
  return (
    <Screen
      title="Audit"
      answer={problem ? "The filter cannot be read, so nothing was asked." : filterSentence(filterTerms({ q }))}
      actions={
        <>
          <ViewsMenu views={views} />
          <SaveViewButton query={saved} views={views} />
        </>
      }
      filters={
        <div className="grid gap-3">
          <AuditTabs />
          <AuditQuery
            text={problem?.q ?? q}
            kept={kept.toString()}
            scope={scope}
            aside={<ColumnMenu columns={choosableColumns} usual={usualColumns} />}
          />
        </div>
      }
    >
      {dropped.length > 0 ? (
        <p role="status" className="text-warning">
          ▲ Left out of the filter, because it could not be read: {dropped.join(", ")}.
        </p>
      ) : null}
      {params.asks === "record" && !/\brecord:/.test(q) ? (
        <p role="status" className="text-muted">
          This view asks about one record: add <code>record:</code> and its id.
        </p>
      ) : null}
      {page ? (
        <>
          <PartialNote silent={page.rows.length > 0 ? page.silent : []} />
          <EntryList
            rows={page.rows}
            next={page.next}
            endpoint={`/api/audit${query && `?${query}`}`}
            columns={columns}
            q={q}
            kept={kept.toString()}
            empty={page.rows.length === 0 ? <Nothing actor={actor} filter={filter} page={page} /> : null}
          />
          <Suspense fallback={null}>
            <ColdSearch actor={actor} filter={filter} />
          </Suspense>
        </>
      ) : null}
    </Screen>
  );
}
