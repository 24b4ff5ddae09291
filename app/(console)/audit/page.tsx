import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, FailedState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { FilterBar } from "#components/table/filter-bar.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { type AuditFilter, type AuditPage, filterQuery, readFilter } from "#db/audit/contract.ts";
import { whatExcludes } from "#db/audit/exclusion.ts";
import { listViews } from "#db/audit/saved-views.ts";
import { searchAudit } from "#db/audit/search.ts";
import { EntryList } from "./entry-list.tsx";
import { filterFieldsOf } from "./filter-fields.ts";
import { fieldLabel, filterSentence } from "./filter-words.ts";
import { SaveViewButton, ViewsMenu } from "./views-menu.tsx";

export const metadata: Metadata = { title: "Audit" };

interface AuditProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Audit({ searchParams }: AuditProps) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const { filter, dropped } = readFilter(params);
  const [page, views] = await Promise.all([searchAudit(actor, filter), listViews(actor, "audit")]);
  const query = filterQuery(filter);
  const today = new Date().toISOString().slice(0, 10);
  return (
    <Screen
      title="Audit"
      answer={filterSentence(filter)}
      actions={
        <>
          <ViewsMenu views={views} />
          <SaveViewButton query={query} views={views} />
        </>
      }
      filters={<FilterBar fields={filterFieldsOf(filter, today)} />}
    >
      {dropped.length > 0 ? (
        <p role="status" className="text-warning">
          ▲ Left out of the filter, because it could not be read: {dropped.join(", ")}.
        </p>
      ) : null}
      {params.asks === "record" && filter.record === undefined ? (
        <p role="status" className="text-muted">
          This view asks about one record: give its id under “Record id”.
        </p>
      ) : null}
      <PartialNote silent={page.rows.length > 0 ? page.silent : []} />
      <EntryList
        rows={page.rows}
        next={page.next}
        endpoint={`/api/audit${query && `?${query}`}`}
        empty={page.rows.length === 0 ? <Nothing actor={actor} filter={filter} page={page} /> : null}
      />
    </Screen>
  );
}

async function Nothing({ actor, filter, page }: { actor: Actor; filter: AuditFilter; page: AuditPage }) {
  const query = filterQuery(filter);
  if (page.silent.length > 0) {
    return (
      <FailedState
        title="Not every database answered"
        action={<LinkButton href={`/audit?${query}`}>Ask again</LinkButton>}
      >
        The others have nothing for this filter, but that is no answer for all of them:{" "}
        {page.silent.map(({ name, reason }) => `${name} (${reason})`).join("; ")}
      </FailedState>
    );
  }
  if (query === "") {
    return (
      <EmptyState
        title="Nothing has been recorded yet"
        action={<LinkButton href="/databases">Adopt a database</LinkButton>}
      >
        Every change in an adopted database, and everything that is done in this console, appears here.
      </EmptyState>
    );
  }
  const field = await whatExcludes(actor, filter);
  const without = field === null ? "" : filterQuery({ ...filter, [field]: undefined });
  return (
    <NoMatch
      title="No entry matches"
      action={
        <LinkButton href={without === "" ? "/audit" : `/audit?${without}`}>
          {field === null ? "Clear the filter" : `Leave out the ${fieldLabel(field)}`}
        </LinkButton>
      }
    >
      {field === null ? "No single part of the filter is to blame." : `The ${fieldLabel(field)} excludes most.`}
    </NoMatch>
  );
}
