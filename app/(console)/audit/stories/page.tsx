import type { Metadata } from "next";
import { Suspense } from "react";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { filterQuery, readFilter } from "#db/audit/contract.ts";
import { AuditQuery } from "../audit-query.tsx";
import { AuditTabs } from "../audit-tabs.tsx";
import { ColdSearch } from "../cold/cold-search.tsx";
import { LeftOut } from "../left-out.tsx";
import { Stories } from "./stories.tsx";

export const metadata: Metadata = { title: "Stories" };

/** The log told by request and transaction: one sentence each, for the same filter as the entries. */
export default async function StoriesPage({ searchParams }: PageProps<"/audit/stories">) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const { filter, dropped, problem } = readFilter(params);
  const { q = "", ...scope } = filter;
  const cursor = typeof params.cursor === "string" ? params.cursor : null;
  return (
    <Screen
      title="Stories"
      answer={answerOf(problem !== null, q)}
      filters={
        <div className="grid gap-3">
          <AuditTabs />
          <AuditQuery
            text={problem?.q ?? q}
            kept={filterQuery(scope)}
            scope={scope}
            path="/audit/stories"
            label="Filter the stories"
            placeholder="Any id, name or e-mail, or action:delete table:payments -actor:system"
          />
        </div>
      }
    >
      <LeftOut dropped={dropped} />
      {problem ? null : (
        <>
          <Stories actor={actor} filter={filter} cursor={cursor} />
          <Suspense fallback={null}>
            <ColdSearch actor={actor} filter={filter} />
          </Suspense>
        </>
      )}
    </Screen>
  );
}

function answerOf(unread: boolean, q: string): string {
  if (unread) return "The filter cannot be read, so nothing was asked.";
  return q === ""
    ? "What each request and transaction did, newest first, in one sentence."
    : "What each request and transaction did of what the filter shows, newest first.";
}
