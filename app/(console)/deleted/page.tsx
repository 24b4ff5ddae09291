import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { filterQuery, filterTerms, readFilter } from "#db/audit/contract.ts";
import { AuditQuery } from "../audit/audit-query.tsx";
import { filterSentence } from "../audit/filter-words.ts";
import { LeftOut } from "../audit/left-out.tsx";
import { DeletedTabs } from "./deleted-tabs.tsx";
import { Deletions } from "./deletions.tsx";

export const metadata: Metadata = { title: "Deleted" };

/** The bin: what each transaction deleted, newest first, for a filter in the audit's language. */
export default async function Deleted({ searchParams }: PageProps<"/deleted">) {
  const actor = await pageActor("records.read");
  const { filter, dropped, problem } = readFilter(await searchParams);
  const { q = "", ...scope } = filter;
  return (
    <Screen
      title="Deleted"
      answer={
        problem
          ? "The filter cannot be read, so nothing was asked."
          : q === ""
            ? "What was deleted, newest first: one line for each transaction that removed rows or marked them."
            : `Deletions of which an entry matches. ${filterSentence(filterTerms({ q }))}`
      }
      filters={
        <div className="grid gap-3">
          <DeletedTabs />
          <AuditQuery
            text={problem?.q ?? q}
            kept={filterQuery(scope)}
            scope={scope}
            path="/deleted"
            label="Filter the deletions"
            placeholder="Any id, name or e-mail, or table:payments actor:ada@example.com at:-30d"
          />
        </div>
      }
    >
      <LeftOut dropped={dropped} />
      {problem ? null : <Deletions actor={actor} filter={filter} />}
    </Screen>
  );
}
