import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { readerSignal } from "#app/_server/reader.ts";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { type Fact, Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { ActorActivity, Lately } from "#db/audit/actor-activity.ts";
import { readActivity } from "#db/audit/asked.ts";
import { is, printQuery } from "#db/audit/contract.ts";
import { actorHref, auditHref, impersonatorHref } from "../addresses.ts";
import { ColdSearch } from "../cold/cold-search.tsx";
import { Days } from "./days.tsx";
import { Others } from "./others.tsx";
import { Stories } from "./stories.tsx";

export const metadata: Metadata = { title: "Activity of an actor" };

const above = <Link href="/audit">Audit</Link>;

/** What one actor did, as themselves and in other people's names, request by request, and from where. */
export default async function ActorPage({ searchParams }: PageProps<"/audit/actor">) {
  const actor = await pageActor("audit.read");
  const { id, cursor } = await searchParams;
  if (typeof id !== "string" || id === "") {
    return (
      <Screen above={above} title="Activity of an actor">
        <EmptyState title="No actor is named" action={<LinkButton href="/audit">Go to the audit log</LinkButton>}>
          A link here names an actor by the id that the application sets. Open an entry of the log and follow its actor.
        </EmptyState>
      </Screen>
    );
  }
  const after = typeof cursor === "string" ? cursor : null;
  const activity = await readActivity(actor, id, after, await readerSignal());
  const { lately, name, rows } = activity;
  return (
    <Screen
      above={above}
      title={name ?? `Actor ${id}`}
      answer={lately ? summary(lately) : after === null ? "Nothing is recorded." : "Older activity, newest first."}
      actions={
        <>
          {after === null ? null : <LinkButton href={actorHref(id)}>Newest activity</LinkButton>}
          <LinkButton href={auditHref({ actor: id })}>Entries in this name</LinkButton>
          <LinkButton href={impersonatorHref(id)}>Entries in other names</LinkButton>
        </>
      }
    >
      <PartialNote silent={activity.silent} />
      <Unindexed databases={activity.unindexed} />
      {rows.length === 0 && after === null ? (
        <NoMatch
          title="The log has nothing of this actor"
          action={<LinkButton href="/audit">Go to the audit log</LinkButton>}
        >
          Nobody with the id {id} changed anything that is audited, or their months have been archived.
        </NoMatch>
      ) : null}
      {lately ? (
        <>
          <Facts items={factsOf(id, lately)} />
          <Days days={lately.days} />
        </>
      ) : null}
      <Stories id={id} activity={activity} />
      <Suspense fallback={null}>
        <ColdSearch actor={actor} filter={{ q: printQuery([is("actor", id)]) }} />
      </Suspense>
    </Screen>
  );
}

function summary({ entries, more, names, others }: Lately): string {
  const parts = [
    `${more ? "The newest " : ""}${counted(entries, "entry", "entries")}`,
    ...(names.length === 0 ? [] : [`${count(sum(names))} of them in other people's names`]),
    ...(others.length === 0 ? [] : [`${count(sum(others))} of them made by somebody else in this name`]),
  ];
  return `${parts.join(", ")}.`;
}

function sum(of: Lately["names"]): number {
  return of.reduce((total, { entries }) => total + entries, 0);
}

function factsOf(id: string, { newest, oldest, more, addresses, names, others }: Lately): Fact[] {
  return [
    { label: "Actor id", value: <Copy text={id} what="actor id" keep={40} /> },
    { label: "Last seen", value: <When at={newest.at} /> },
    { label: more ? "Looked back to" : "First seen", value: <When at={oldest.at} /> },
    { label: "From", value: <Addresses addresses={addresses} /> },
    ...(names.length === 0 ? [] : [{ label: "In the names of", value: <Others of={names} /> }]),
    ...(others.length === 0 ? [] : [{ label: "In this name", value: <Others of={others} /> }]),
  ];
}

/** An older installation has no index for it, and without one all of its log would be read. */
function Unindexed({ databases }: { databases: ActorActivity["unindexed"] }) {
  if (databases.length === 0) return null;
  return (
    <p role="status" className="text-warning">
      <span aria-hidden="true">▲ </span>
      What was done in other people's names in {databases.join(", ")} is not told here: apply the plan of{" "}
      {databases.length === 1 ? "this database" : "these databases"} first.
    </p>
  );
}

function Addresses({ addresses }: Pick<Lately, "addresses">) {
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
