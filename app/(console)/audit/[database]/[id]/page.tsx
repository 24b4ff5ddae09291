import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Code } from "#components/ui/code.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { Actor } from "#db/actor.ts";
import type { AuditEntryDetail } from "#db/audit/contract.ts";
import { rowContext } from "#db/audit/names-as-of-rows.ts";
import { readEntry } from "#db/audit/read-entry.ts";
import { type Story, transactionStory } from "#db/audit/story.ts";
import { Refusal } from "#db/errors.ts";
import { entryHref, recordHref } from "../../addresses.ts";
import { RestoreLink } from "../../restore-link.tsx";
import { RowDiff } from "../../story/row-diff.tsx";
import { EntryFacts } from "./entry-facts.tsx";
import { LayoutSwitch } from "./layout-switch.tsx";
import { rawEntry } from "./raw-entry.ts";
import { Siblings } from "./siblings.tsx";

export const metadata: Metadata = { title: "Audit entry" };

interface EntryProps {
  params: Promise<{ database: string; id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Entry({ params, searchParams }: EntryProps) {
  const actor = await pageActor("audit.read");
  const { database, id } = await params;
  const entry = await entryOrNotFound(actor, database, id);
  const layout = (await searchParams).diff === "inline" ? "inline" : "side";
  const [context, story] = await Promise.all([
    rowContext(actor, entry.database, entry, [entry.before, entry.after], { at: entry.at, id }),
    storyOf(actor, entry),
  ]);
  const history = recordHref(entry);
  const raw = rawEntry(entry);
  return (
    <Screen
      above={<Link href="/audit">Audit</Link>}
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

/** Null where the log does not have the transaction any more. */
async function storyOf(actor: Actor, { database, transaction, at }: AuditEntryDetail): Promise<Story | null> {
  try {
    return await transactionStory(actor, database, transaction, { near: at });
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return null;
    throw error;
  }
}

async function entryOrNotFound(actor: Actor, database: string, id: string): Promise<AuditEntryDetail> {
  try {
    return await readEntry(actor, decodeURIComponent(database), id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}
