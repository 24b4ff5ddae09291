import Link from "next/link";
import { Copy } from "#components/ui/copy.tsx";
import { type EntryActor, unknownActor } from "#db/audit/contract.ts";
import { actorHref, auditHref, impersonatorHref } from "./addresses.ts";

const kinds = { user: "user of the application", staff: "staff", system: "the console itself", unknown: "" } as const;

/** Who acted, in whose name and by which key, with a way to everything else that they did so. Names are as of now, and say so. */
export function ActorName({ actor }: { actor: EntryActor }) {
  const { impersonator, apiKey } = actor;
  return (
    <>
      <OwnName actor={actor} />
      {impersonator ? (
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="text-muted">really</span>
          <Link href={impersonatorHref(impersonator.id)}>{impersonator.name ?? "somebody who acted in this name"}</Link>
          <Copy text={impersonator.id} what="actor id" />
        </span>
      ) : null}
      {apiKey ? (
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="text-muted">by the key</span> <Copy text={apiKey} what="key" keep={60} />
        </span>
      ) : null}
    </>
  );
}

function OwnName({ actor }: { actor: EntryActor }) {
  const traces = [actor.role && `database role ${actor.role}`, actor.application].filter(Boolean).join(", ");
  if (actor.id === null) {
    return (
      <>
        <Link href={auditHref({ actor: unknownActor })}>Unknown actor</Link>
        <span className="text-faint"> — the application set none{traces ? `; ${traces}` : ""}</span>
      </>
    );
  }
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
      <Link href={actorHref(actor.id)}>{actor.name ?? "Everything of this actor"}</Link>
      <Copy text={actor.id} what="actor id" />
      <span className="text-faint">
        {actor.name === null ? "no name is known for this id now" : `${kinds[actor.kind]}; the name is as of now`}
      </span>
    </span>
  );
}
