import type { Metadata } from "next";
import { Suspense } from "react";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { filterQuery, readFilter } from "#db/audit/contract.ts";
import { type ListedStory, listStories } from "#db/audit/story-list.ts";
import { AuditTabs } from "../audit-tabs.tsx";
import { ColdSearch } from "../cold/cold-search.tsx";
import { StoryLine } from "../story/story-line.tsx";

export const metadata: Metadata = { title: "Stories" };

/** The log told by request and transaction: one sentence each, for the same filter as the entries. */
export default async function StoriesPage({ searchParams }: PageProps<"/audit/stories">) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const { filter, problem } = readFilter(params);
  const cursor = typeof params.cursor === "string" ? params.cursor : null;
  const page = problem ? null : await listStories(actor, filter, cursor);
  const query = filterQuery(filter);
  const older = new URLSearchParams([...new URLSearchParams(query), ["cursor", page?.next ?? ""]]);
  return (
    <Screen
      title="Stories"
      answer={
        query === ""
          ? "What each request and transaction did, newest first, in one sentence."
          : "What each request and transaction did of what the filter shows, newest first."
      }
      actions={<LinkButton href={`/audit${query && `?${query}`}`}>Entry by entry</LinkButton>}
    >
      <AuditTabs />
      {page === null ? (
        <NoMatch
          title="The filter cannot be read"
          action={<LinkButton href="/audit/stories">Clear the filter</LinkButton>}
        >
          {problem?.message}
        </NoMatch>
      ) : (
        <>
          <PartialNote silent={page.silent} />
          {page.rows.length > 0 ? <Stories rows={page.rows} /> : <Nothing filtered={query !== ""} />}
          {page.next === null ? null : (
            <div>
              <LinkButton href={`/audit/stories?${older}`}>Older stories</LinkButton>
            </div>
          )}
          <Suspense fallback={null}>
            <ColdSearch actor={actor} filter={filter} />
          </Suspense>
        </>
      )}
    </Screen>
  );
}

function Stories({ rows }: { rows: readonly ListedStory[] }) {
  return (
    <ol aria-label="Stories">
      {rows.map((story) => (
        <StoryLine
          key={`${story.first.database} ${story.first.id}`}
          story={story}
          aside={`${counted(story.entries, "entry", "entries")}, ${story.first.databaseName}`}
        />
      ))}
    </ol>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <NoMatch title="No story matches" action={<LinkButton href="/audit/stories">Clear the filter</LinkButton>} />
  ) : (
    <EmptyState title="Nothing has been recorded yet">
      Every change in an adopted database, and everything that is done in this console, is told here.
    </EmptyState>
  );
}
