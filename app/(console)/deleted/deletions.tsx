import { readerSignal } from "#app/_server/reader.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { type AuditFilter, filterQuery } from "#db/audit/contract.ts";
import { type DeletionPage, unrecordedFilter } from "#db/records/bin/contract.ts";
import { listDeletions } from "#db/records/bin/list.ts";
import { DeletionList } from "./deletion-list.tsx";
import { UnrecordedNote } from "./unrecorded-note.tsx";

/** The list of a filter, or why it is empty. The questions stop when the reader goes elsewhere. */
export async function Deletions({ actor, filter }: { actor: Actor; filter: AuditFilter }) {
  const page = await listDeletions(actor, filter, null, undefined, await readerSignal());
  const query = filterQuery(filter);
  return (
    <>
      <PartialNote silent={page.rows.length > 0 ? page.silent : []} />
      <DeletionList
        rows={page.rows}
        next={page.next}
        endpoint={`/api/deleted${query && `?${query}`}`}
        empty={page.rows.length === 0 ? <Nothing page={page} query={query} /> : null}
      />
      <UnrecordedNote actor={actor} filter={unrecordedFilter.parse(filter)} />
    </>
  );
}

function Nothing({ page, query }: { page: DeletionPage; query: string }) {
  if (page.silent.length > 0) {
    return (
      <FailedState
        title="Not every database answered"
        action={<LinkButton href={`/deleted?${query}`}>Ask again</LinkButton>}
      >
        The others have nothing to show, but that is no answer for all of them:{" "}
        {page.silent.map(({ name, reason }) => `${name} (${reason})`).join("; ")}
      </FailedState>
    );
  }
  if (query === "") {
    return (
      <EmptyState title="Nothing was deleted" action={<LinkButton href="/databases">Look at the databases</LinkButton>}>
        What an application deletes from an adopted database, or marks as deleted, can be looked up and brought back
        here.
      </EmptyState>
    );
  }
  return (
    <NoMatch title="No deletion matches" action={<LinkButton href="/deleted">Clear the filter</LinkButton>}>
      Rows that were deleted before their table was audited are among the rows, where the table marks them, and in
      backups.
    </NoMatch>
  );
}
