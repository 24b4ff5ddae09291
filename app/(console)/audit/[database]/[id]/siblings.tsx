import Link from "next/link";
import { Section } from "#components/page/section.tsx";
import type { AuditEntryDetail } from "#db/audit/contract.ts";
import { transactionSentence } from "#db/audit/story-sentence.ts";
import { ActionMark } from "../../action-mark.tsx";
import { auditHref, entryHref } from "../../addresses.ts";

/** What else the same transaction did, oldest first: one transaction is one story. */
export function Siblings({ entry }: { entry: AuditEntryDetail }) {
  const { siblings, siblingsMore, database, transaction } = entry;
  if (siblings.length < 2) return null;
  return (
    <Section
      title="The same transaction"
      answer={siblingsMore ? `The first ${siblings.length} of more entries.` : `${transactionSentence(siblings)}.`}
      aside={<Link href={auditHref({ database, transaction })}>As a list</Link>}
    >
      <ol className="grid">
        {siblings.slice(0, 30).map((one) => (
          <li key={one.id} className="flex min-h-7 items-center border-line border-b [overflow-wrap:anywhere]">
            <ActionMark action={one.action} />
            {one.id === entry.id ? (
              <span aria-current="true" className="font-medium">
                {one.sentence}
              </span>
            ) : (
              <Link href={entryHref(one)} prefetch={false} className="text-ink hover:text-accent">
                {one.sentence}
              </Link>
            )}
          </li>
        ))}
      </ol>
      {siblings.length > 30 ? <p className="mt-1 text-faint text-xs">30 shown; the list has all of them.</p> : null}
    </Section>
  );
}
