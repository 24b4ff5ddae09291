import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { readerSignal } from "#app/_server/reader.ts";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { ActorActivity } from "#db/audit/actor-activity.ts";
import { readActivity } from "#db/audit/asked.ts";
import { is, printQuery } from "#db/audit/contract.ts";
import { actorWords } from "#db/audit/sentence.ts";
import { auditHref, impersonatorHref } from "../addresses.ts";
import { ColdSearch } from "../cold/cold-search.tsx";
import { StoryLine } from "../story/story-line.tsx";
import { Days } from "./days.tsx";

export const metadata: Metadata = { title: "Activity of an actor" };

const above = <Link href="/audit">Audit</Link>;

/** What one actor did, request by request, and from where. */
export default async function ActorPage({ searchParams }: PageProps<"/audit/actor">) {
  const actor = await pageActor("audit.read");
  const { id } = await searchParams;
  if (typeof id !== "string" || id === "") {
    return (
      <Screen above={above} title="Activity of an actor">
        <EmptyState title="No actor is named" action={<LinkButton href="/audit">Go to the audit log</LinkButton>}>
          A link here names an actor by the id that the application sets. Open an entry of the log and follow its actor.
        </EmptyState>
      </Screen>
    );
  }
  const activity = await readActivity(actor, id, await readerSignal());
  const { newest } = activity;
  return (
    <Screen
      above={above}
      title={newest === null ? `Actor ${id}` : actorWords(newest.actor)}
      answer={<Summary activity={activity} />}
      actions={<LinkButton href={auditHref({ actor: id })}>All entries</LinkButton>}
    >
      <PartialNote silent={activity.silent} />
      {newest === null ? (
        <NoMatch
          title="The log has nothing of this actor"
          action={<LinkButton href="/audit">Go to the audit log</LinkButton>}
        >
          Nobody with the id {id} changed anything that is audited, or their months have been archived.
        </NoMatch>
      ) : (
        <>
          <Facts
            items={[
              { label: "Actor id", value: <Copy text={id} what="actor id" keep={40} /> },
              { label: "Last seen", value: <When at={newest.at} /> },
              { label: activity.more ? "Looked back to" : "First seen", value: <When at={activity.oldest?.at} /> },
              { label: "From", value: <Addresses addresses={activity.addresses} /> },
            ]}
          />
          <Days days={activity.days} />
          <Stories activity={activity} />
        </>
      )}
      <p className="text-muted">
        Told is what was done in this actor's own name. What they did in somebody else's is found by its{" "}
        <Link href={impersonatorHref(id)}>impersonator</Link>.
      </p>
      <Suspense fallback={null}>
        <ColdSearch actor={actor} filter={{ q: printQuery([is("actor", id)]) }} />
      </Suspense>
    </Screen>
  );
}

function Summary({ activity: { entries, more, stories } }: { activity: ActorActivity }) {
  if (entries === 0) return "Nothing is recorded.";
  return `${more ? "The newest " : ""}${counted(entries, "entry", "entries")}, told in ${counted(stories.length, "story", "stories")}.`;
}

function Addresses({ addresses }: Pick<ActorActivity, "addresses">) {
  if (addresses.length === 0) return <span className="text-faint">no address was recorded</span>;
  return (
    <ul>
      {addresses.slice(0, 5).map(({ ip, entries, last }) => (
        <li key={ip} className="flex flex-wrap gap-x-2">
          <span className="font-mono">{ip}</span>
          <span className="text-faint">
            {counted(entries, "entry", "entries")}, last <When at={last} />
          </span>
        </li>
      ))}
      {addresses.length > 5 ? <li className="text-faint">and {addresses.length - 5} more</li> : null}
    </ul>
  );
}

function Stories({ activity: { stories } }: { activity: ActorActivity }) {
  return (
    <Section title="What was done, newest first">
      <ol>
        {stories.map((story) => (
          <StoryLine key={`${story.first.database} ${story.first.id}`} story={story} aside={story.first.databaseName} />
        ))}
      </ol>
    </Section>
  );
}
