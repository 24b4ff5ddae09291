import Link from "next/link";
import { readerSignal } from "#app/_server/reader.ts";
import { PartialNote } from "#components/feedback/states.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { rowContext } from "#db/audit/names-as-of-rows.ts";
import { readEntry } from "#db/audit/read-entry.ts";
import { transactionStory } from "#db/audit/story.ts";
import type { Deletion } from "#db/audit/who-deleted.ts";
import { entryHref, recordHref, transactionHref } from "../addresses.ts";
import { RestoreLink } from "../restore-link.tsx";
import { RowDiff } from "../story/row-diff.tsx";
import { Sentence } from "../story/sentence.tsx";
import { StoryTree } from "../story/story-tree.tsx";
import { WhoFacts } from "../story/who-facts.tsx";
import { matchWords, placeWords, subjectWords } from "./words.ts";

interface DeletionAnswerProps {
  actor: Actor;
  deletion: Deletion;
  /** Archived months that are read besides. */
  months: readonly string[];
}

/** One deletion in full: who, what else went with it, the row as it was, and the way to bring it back. */
export async function DeletionAnswer({ actor, deletion, months }: DeletionAnswerProps) {
  const { database, id, at, transaction, how } = deletion;
  const signal = await readerSignal();
  const [entry, story] = await Promise.all([
    readEntry(actor, database, id, signal),
    transactionStory(actor, database, transaction, { near: at, months }, signal),
  ]);
  const context = await rowContext(actor, database, entry, [entry.before], { at, id }, months, signal);
  const history = recordHref(deletion);
  const tenantName = story.counts.find(({ tenant }) => tenant === deletion.tenant)?.tenantName ?? null;
  return (
    <div className="grid gap-4">
      <PartialNote silent={[...entry.silent, ...context.silent, ...story.silent]} />
      <Section
        title={`The ${subjectWords(deletion)}`}
        answer={`Found ${matchWords(deletion)}, in ${placeWords(deletion)}.`}
        aside={<Link href={entryHref(deletion)}>The whole entry</Link>}
      >
        {deletion.back === null ? null : (
          <p role="status" className="mb-2 text-good">
            <span aria-hidden="true">● </span>
            {deletion.back.action === "create" ? "A row with this key was made again" : "The mark was taken off"}{" "}
            {deletion.back.database === database ? "" : `in ${deletion.back.databaseName}, where its tenant lives, `}
            <When at={deletion.back.at} />: <Link href={entryHref(deletion.back)}>by whom</Link>.
          </p>
        )}
        <WhoFacts entry={entry} tenantName={tenantName} />
        <div className="mt-3 flex flex-wrap gap-2" data-chrome="">
          {deletion.back === null ? (
            <RestoreLink actor={actor} entry={deletion} query={restoreQuery(deletion)} />
          ) : null}
          {history === null ? null : <LinkButton href={withMonths(history, months)}>History of this record</LinkButton>}
        </div>
      </Section>
      <Section
        title="What the same transaction did"
        answer={
          <>
            <Sentence parts={story.parts} />.
          </>
        }
        aside={<Link href={transactionHref(deletion)}>The whole story</Link>}
      >
        <StoryTree nodes={story.tree} current={id} />
        {story.more ? <p className="text-faint text-xs">The first {story.entries} entries are shown.</p> : null}
      </Section>
      {entry.before === null ? null : (
        <Section title={how === "marked" ? "The row as it was marked" : "The last known record"}>
          <RowDiff
            row={entry}
            before={entry.before}
            after={how === "marked" ? entry.after : null}
            context={context}
            still={how === "removed"}
            href={entryHref(entry)}
          />
        </Section>
      )}
    </div>
  );
}

function restoreQuery({ database, id, how, schema, table, record }: Deletion): Record<string, string> {
  return how === "removed"
    ? { database, entry: id }
    : { database, schema: schema ?? "", table: table ?? "", record: record ?? "" };
}

function withMonths(href: string, months: readonly string[]): string {
  return months.length === 0 ? href : `${href}&${new URLSearchParams({ archive: months.join() })}`;
}
