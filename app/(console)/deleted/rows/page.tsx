import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { FilterBar } from "#components/table/filter-bar.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { unrecordedFilter } from "#db/records/bin/contract.ts";
import { listDeleted } from "#db/records/bin/rows.ts";
import { type DeletedPage, deletedFilterQuery, readDeletedFilter } from "#db/records/contract.ts";
import { LeftOut } from "../../audit/left-out.tsx";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { UnrecordedNote } from "../unrecorded-note.tsx";
import { deletedFieldsOf } from "./filter-fields.ts";
import { RowList } from "./row-list.tsx";

export const metadata: Metadata = { title: "Deleted rows" };

interface DeletedRowsProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function DeletedRows({ searchParams }: DeletedRowsProps) {
  const actor = await pageActor("records.read");
  const { filter, dropped } = readDeletedFilter(await searchParams);
  const page = await listDeleted(actor, filter);
  const query = deletedFilterQuery(filter);
  const today = new Date().toISOString().slice(0, 10);
  return (
    <Screen
      title="Deleted rows"
      answer={answer(page)}
      filters={
        <div className="grid gap-3">
          <DeletedTabs />
          <FilterBar fields={deletedFieldsOf(filter, today)} />
        </div>
      }
    >
      <LeftOut dropped={dropped} />
      <PartialNote silent={page.rows.length > 0 ? page.silent : []} />
      <RowList
        rows={page.rows}
        next={page.next}
        endpoint={`/api/deleted/rows${query && `?${query}`}`}
        empty={page.rows.length === 0 ? <Nothing page={page} query={query} /> : null}
      />
      <UnrecordedNote actor={actor} filter={unrecordedFilter.parse(filter)} />
    </Screen>
  );
}

function answer({ rows, next }: DeletedPage): string {
  if (rows.length === 0) return "No deleted record is shown.";
  const gone = rows.filter(({ kind }) => kind === "hard").length;
  const counts = `${gone} gone from their tables, ${rows.length - gone} still there and marked`;
  return next === null
    ? `${rows.length} deleted records: ${counts}.`
    : `Newest first. Of these ${rows.length}: ${counts}.`;
}

function Nothing({ page, query }: { page: DeletedPage; query: string }) {
  if (page.silent.length > 0) {
    return (
      <FailedState
        title="Not every database answered"
        action={<LinkButton href={`/deleted/rows?${query}`}>Ask again</LinkButton>}
      >
        The others have nothing to show, but that is no answer for all of them:{" "}
        {page.silent.map(({ name, reason }) => `${name} (${reason})`).join("; ")}
      </FailedState>
    );
  }
  if (query === "") {
    return (
      <EmptyState title="Nothing is deleted" action={<LinkButton href="/databases">Look at the databases</LinkButton>}>
        Rows that an application deletes from an adopted database, or marks as deleted, wait here until they are purged.
      </EmptyState>
    );
  }
  return (
    <NoMatch title="No deleted record matches" action={<LinkButton href="/deleted/rows">Clear the filter</LinkButton>}>
      Rows that were created again under the same key are live, and not listed here.
    </NoMatch>
  );
}
