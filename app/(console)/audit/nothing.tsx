import { readerSignal } from "#app/_server/reader.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { type AuditFilter, filterQuery, type Silent } from "#db/audit/contract.ts";
import { whatExcludes } from "#db/audit/exclusion.ts";

interface NothingProps {
  /** The screen that asked. */
  path: "/audit" | "/audit/stories";
  actor: Actor;
  filter: AuditFilter;
  silent: readonly Silent[];
}

/** Why the list has no row: a silent database, an empty log, or a filter, of which the worst part is named. */
export async function Nothing({ path, actor, filter, silent }: NothingProps) {
  const query = filterQuery(filter);
  if (silent.length > 0) {
    return (
      <FailedState
        title="Not every database answered"
        action={<LinkButton href={`${path}?${query}`}>Ask again</LinkButton>}
      >
        The others have nothing for this filter, but that is no answer for all of them:{" "}
        {silent.map(({ name, reason }) => `${name} (${reason})`).join("; ")}
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
  const worst = await whatExcludes(actor, filter, await readerSignal());
  const without = worst === null ? "" : filterQuery(worst.without);
  return (
    <NoMatch
      title="No entry matches"
      action={
        <LinkButton href={without === "" ? path : `${path}?${without}`}>
          {worst === null ? "Clear the filter" : `Leave out ${worst.term}`}
        </LinkButton>
      }
    >
      {worst === null ? (
        "No single term of the filter is to blame."
      ) : (
        <>
          <code>{worst.term}</code> excludes most.
        </>
      )}
    </NoMatch>
  );
}
