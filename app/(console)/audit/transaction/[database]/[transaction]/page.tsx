import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { transactionStory } from "#db/audit/story.ts";
import { Refusal } from "#db/errors.ts";
import { Sentence } from "../../../story/sentence.tsx";
import { StoryView } from "../../../story/story-view.tsx";

export const metadata: Metadata = { title: "One transaction" };

export default async function TransactionPage({
  params,
  searchParams,
}: PageProps<"/audit/transaction/[database]/[transaction]">) {
  const actor = await pageActor("audit.read");
  const { database, transaction } = await params;
  const { near } = await searchParams;
  const story = await orNotFound(
    transactionStory(actor, decodeURIComponent(database), transaction, momentIn(near) ?? null),
  );
  const { first } = story;
  const deletes = story.counts.some(({ action }) => action === "delete");
  return (
    <Screen
      above={<Link href="/audit">Audit</Link>}
      title={<Sentence parts={story.parts} />}
      answer={
        <>
          One transaction, <When at={first.at} precise />, in {first.databaseName}
        </>
      }
      actions={
        deletes && first.database !== "console" && actor.capabilities.has("records.read") ? (
          <LinkButton href={`/deleted?${new URLSearchParams({ database: first.database, transaction })}`}>
            What can be restored
          </LinkButton>
        ) : null
      }
    >
      <StoryView story={story} query={{ database: first.database, transaction }} />
    </Screen>
  );
}

/** The hint in the address; one that is no time is not worth an error. */
function momentIn(near: string | string[] | undefined): string | undefined {
  const text = typeof near === "string" ? near : undefined;
  return text !== undefined && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : undefined;
}

async function orNotFound<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}
