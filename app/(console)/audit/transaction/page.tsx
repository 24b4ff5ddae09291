import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { readerSignal } from "#app/_server/reader.ts";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { readRequest } from "#db/audit/asked.ts";
import { monthsIn } from "#db/audit/cold/contract.ts";
import { is, printQuery } from "#db/audit/contract.ts";
import { Refusal } from "#db/errors.ts";
import { requestHref, withoutArchive } from "../addresses.ts";
import { ArchiveOffer } from "../cold/archive-offer.tsx";
import { orRefusal } from "../or-refusal.ts";
import { momentIn } from "../story/near.ts";
import { Sentence } from "../story/sentence.tsx";
import { StoryView } from "../story/story-view.tsx";

export const metadata: Metadata = { title: "One request" };

const above = <Link href="/audit">Audit</Link>;

/** Everything that one request of the application did, in whichever databases. */
export default async function RequestPage({ searchParams }: PageProps<"/audit/transaction">) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const { request, near, archive } = params;
  if (typeof request !== "string" || request === "") {
    return (
      <Screen above={above} title="One request">
        <EmptyState title="No request is named" action={<LinkButton href="/audit">Go to the audit log</LinkButton>}>
          A link here names a request. Open an entry of the log and follow its request.
        </EmptyState>
      </Screen>
    );
  }
  const months = monthsIn([archive].flat()[0]);
  const story = await orRefusal(
    readRequest(actor, request, { near: momentIn(near), months }, await readerSignal()),
    "not_found",
    "unreachable",
  );
  const offer = (
    <Suspense fallback={null}>
      <ArchiveOffer
        actor={actor}
        filter={{ q: printQuery([is("request", request)]) }}
        what="entries of this request"
        months={months}
        without={withoutArchive("/audit/transaction", params)}
      />
    </Suspense>
  );
  if (story instanceof Refusal) {
    return (
      <Screen above={above} title="One request">
        {story.code === "unreachable" ? (
          <FailedState title={story.message} action={<LinkButton href={requestHref(request)}>Ask again</LinkButton>}>
            {story.fix}
          </FailedState>
        ) : (
          <NoMatch
            title="No entry names this request"
            action={<LinkButton href="/audit">Go to the audit log</LinkButton>}
          >
            It changed nothing that is audited, the application gave it no id, or its month has been archived.
          </NoMatch>
        )}
        {offer}
      </Screen>
    );
  }
  return (
    <Screen
      above={above}
      title={<Sentence parts={story.parts} />}
      answer={
        <>
          One request, <When at={story.first.at} precise />
        </>
      }
    >
      <PartialNote silent={story.silent} />
      <StoryView story={story} query={{ request }} />
      {months.length > 0 ? offer : null}
    </Screen>
  );
}
