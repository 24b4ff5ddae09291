import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, FailedState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { requestStory, type Story } from "#db/audit/story.ts";
import { Refusal } from "#db/errors.ts";
import { requestHref } from "../addresses.ts";
import { Sentence } from "../story/sentence.tsx";
import { StoryView } from "../story/story-view.tsx";

export const metadata: Metadata = { title: "One request" };

const above = <Link href="/audit">Audit</Link>;

/** Everything that one request of the application did, in whichever databases. */
export default async function RequestPage({ searchParams }: PageProps<"/audit/transaction">) {
  const actor = await pageActor("audit.read");
  const { request } = await searchParams;
  if (typeof request !== "string" || request === "") {
    return (
      <Screen above={above} title="One request">
        <EmptyState title="No request is named" action={<LinkButton href="/audit">Go to the audit log</LinkButton>}>
          A link here names a request. Open an entry of the log and follow its request.
        </EmptyState>
      </Screen>
    );
  }
  const story = await storyOrRefusal(requestStory(actor, request));
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
    </Screen>
  );
}

async function storyOrRefusal(story: Promise<Story>): Promise<Story | Refusal> {
  try {
    return await story;
  } catch (error) {
    if (error instanceof Refusal && ["not_found", "unreachable"].includes(error.code)) return error;
    throw error;
  }
}
