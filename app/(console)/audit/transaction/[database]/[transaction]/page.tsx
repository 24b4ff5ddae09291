import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Suspense } from "react";
import { readerSignal } from "#app/_server/reader.ts";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { readTransaction } from "#db/audit/asked.ts";
import { monthsIn } from "#db/audit/cold/contract.ts";
import { is, printQuery } from "#db/audit/contract.ts";
import { type AuditedDatabase, readableDatabase } from "#db/audit/scope.ts";
import { Refusal } from "#db/errors.ts";
import { deletionHref } from "../../../../deleted/addresses.ts";
import { withoutArchive } from "../../../addresses.ts";
import { ArchiveOffer } from "../../../cold/archive-offer.tsx";
import { orRefusal } from "../../../or-refusal.ts";
import { momentIn } from "../../../story/near.ts";
import { Sentence } from "../../../story/sentence.tsx";
import { StoryView } from "../../../story/story-view.tsx";

export const metadata: Metadata = { title: "One transaction" };

const above = <Link href="/audit">Audit</Link>;

export default async function TransactionPage({
  params,
  searchParams,
}: PageProps<"/audit/transaction/[database]/[transaction]">) {
  const actor = await pageActor("audit.read");
  const { transaction, ...path } = await params;
  const { id: database } = await databaseOrNotFound(decodeURIComponent(path.database));
  const asked = await searchParams;
  const months = monthsIn([asked.archive].flat()[0]);
  const place = { near: momentIn(asked.near), months };
  const story = await orRefusal(
    readTransaction(actor, database, transaction, place, await readerSignal()),
    "not_found",
    "unreachable",
  );
  const offer = (
    <Suspense fallback={null}>
      <ArchiveOffer
        actor={actor}
        filter={{ q: printQuery([is("database", database), is("tx", transaction)]) }}
        what="entries of this transaction"
        months={months}
        without={withoutArchive(`/audit/transaction/${database}/${transaction}`, asked)}
      />
    </Suspense>
  );
  if (story instanceof Refusal) {
    return (
      <Screen above={above} title="One transaction">
        {story.code === "unreachable" ? (
          <FailedState title={story.message}>{story.fix}</FailedState>
        ) : (
          <NoMatch
            title="No entry is of this transaction"
            action={<LinkButton href="/audit">Go to the audit log</LinkButton>}
          >
            It changed nothing that is audited, was rolled back, or its month has been archived.
          </NoMatch>
        )}
        {offer}
      </Screen>
    );
  }
  const { first } = story;
  const deletes = story.counts.some(({ action }) => action === "delete");
  return (
    <Screen
      above={above}
      title={<Sentence parts={story.parts} />}
      answer={
        <>
          One transaction, <When at={first.at} precise />, in {first.databaseName}
          {first.archived === undefined ? null : <>, from the archived month {first.archived}</>}
        </>
      }
      actions={
        deletes &&
        first.archived === undefined &&
        first.database !== "console" &&
        actor.capabilities.has("records.read") ? (
          <LinkButton href={deletionHref(first)}>What can be restored</LinkButton>
        ) : null
      }
    >
      <PartialNote silent={story.silent} />
      <StoryView story={story} query={{ database: first.database, transaction }} />
      {months.length > 0 ? offer : null}
    </Screen>
  );
}

async function databaseOrNotFound(id: string): Promise<AuditedDatabase> {
  try {
    return await readableDatabase(id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}
