import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { readerSignal } from "#app/_server/reader.ts";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Code } from "#components/ui/code.tsx";
import { Copy } from "#components/ui/copy.tsx";
import { readOneEntry } from "#db/audit/asked.ts";
import { rowContext } from "#db/audit/names-as-of-rows.ts";
import { transactionStory } from "#db/audit/story.ts";
import { Refusal } from "#db/errors.ts";
import { entryHref, recordHref } from "../../addresses.ts";
import { orRefusal } from "../../or-refusal.ts";
import { RestoreLink } from "../../restore-link.tsx";
import { RowDiff } from "../../story/row-diff.tsx";
import { EntryFacts } from "./entry-facts.tsx";
import { LayoutSwitch } from "./layout-switch.tsx";
import { rawEntry } from "./raw-entry.ts";
import { Siblings } from "./siblings.tsx";

export const metadata: Metadata = { title: "Audit entry" };

const above = <Link href="/audit">Audit</Link>;

interface EntryProps {
  params: Promise<{ database: string; id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Entry({ params, searchParams }: EntryProps) {
  const actor = await pageActor("audit.read");
  const { database, id } = await params;
  const signal = await readerSignal();
  const read = readOneEntry(actor, decodeURIComponent(database), id, signal);
  const entry = await orRefusal(read, "not_found", "unreachable");
  if (entry instanceof Refusal) {
    if (entry.code === "not_found") notFound();
    return (
      <Screen above={above} title="Audit entry">
        <FailedState
          title={entry.message}
          action={<LinkButton href={entryHref({ database, id })}>Ask again</LinkButton>}
        >
          {entry.fix}
        </FailedState>
      </Screen>
    );
  }
  const layout = (await searchParams).diff === "inline" ? "inline" : "side";
  const [context, told] = await Promise.all([
    rowContext(actor, entry.database, entry, [entry.before, entry.after], { at: entry.at, id }, [], signal),
    orRefusal(transactionStory(actor, entry.database, entry.transaction, { near: entry.at }, signal), "not_found"),
  ]);
  const story = told instanceof Refusal ? null : told;
  const history = recordHref(entry);
  const raw = rawEntry(entry);
  return (
    <Screen
      above={above}
      title={entry.sentence}
      answer={
        <>
          <When at={entry.at} precise /> in {entry.databaseName}
          {entry.archived === undefined ? null : <>, from the archived month {entry.archived}</>}
          {entry.reason === null ? null : <> — “{entry.reason}”</>}
        </>
      }
      actions={
        <>
          {history === null ? null : <LinkButton href={history}>History of this record</LinkButton>}
          {entry.action === "delete" ? (
            <RestoreLink actor={actor} entry={entry} query={{ database, entry: id }} />
          ) : null}
        </>
      }
    >
      <PartialNote silent={[...entry.silent, ...context.silent, ...(story?.silent ?? [])]} />
      <EntryFacts
        entry={entry}
        tenantName={story?.counts.find(({ tenant }) => tenant === entry.tenant)?.tenantName ?? null}
      />
      {entry.before === null && entry.after === null ? null : (
        <Section
          title={entry.action === "update" ? "What changed" : "The row"}
          aside={entry.action === "update" ? <LayoutSwitch entry={entry} layout={layout} /> : undefined}
        >
          <RowDiff
            row={entry}
            before={entry.before}
            after={entry.after}
            context={context}
            layout={layout}
            href={entryHref(entry)}
          />
        </Section>
      )}
      {story === null ? null : <Siblings story={story} current={id} />}
      <Section title="Raw" aside={<Copy text={raw} label="Copy as JSON" />}>
        <details>
          <summary className="inline-flex min-h-6 items-center rounded-sm text-accent">The entry as JSON</summary>
          <Code text={raw} what="entry as JSON" />
        </details>
      </Section>
    </Screen>
  );
}
