import Link from "next/link";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { WhoDeleted } from "#db/audit/who-deleted.ts";
import { auditHref, entryHref, recordHref } from "../addresses.ts";

/** Nothing was deleted: what lives under this id, or where a deletion may hide. */
export function NotDeleted({ found: { asked, alive, silent } }: { found: WhoDeleted }) {
  if (alive !== null) {
    const history = recordHref(alive);
    return (
      <EmptyState
        title="It has not been deleted"
        action={history === null ? null : <LinkButton href={history}>History of this record</LinkButton>}
      >
        The newest entry about it: <Link href={entryHref(alive)}>{alive.sentence}</Link>, <When at={alive.at} />, in{" "}
        {alive.databaseName}.
      </EmptyState>
    );
  }
  return (
    <NoMatch
      title="Nothing that was deleted is called so"
      action={
        <>
          <LinkButton href={auditHref({ text: asked })}>Search the whole log</LinkButton>
          <LinkButton href="/audit/coverage">See what is not audited</LinkButton>
        </>
      }
    >
      {silent.length > 0 ? "Not every database answered, so this is no answer for all of them. " : ""}
      Rows are found by their key, and by what they were called: name, title, e-mail, slug, user name, number, code and
      the like, whole or by how it begins. A row that went before its table was audited, or in a table that is not
      audited, is not here.
    </NoMatch>
  );
}
