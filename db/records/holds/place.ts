import { type Actor, authorise } from "../../actor.ts";
import type { ReleaseHold } from "../../audit/retention/contract.ts";
import { endHold, enterHold } from "../../audit/retention/holds.ts";
import type { ParsedHold, PlacedHold } from "./contract.ts";
import { enforceHolds } from "./enforce.ts";
import { rulesFor } from "./rules.ts";
import { placesOf, standingIn } from "./standing.ts";

/**
 * Keeps rows and entries from now on. It is entered first; then it comes to stand in each database that it is about. Where that
 * does not succeed now, the answer says so, and the worker goes on trying.
 */
export async function placeHold(actor: Actor, input: ParsedHold): Promise<PlacedHold> {
  authorise(actor, "retention.manage");
  const { name, kind, databaseId, tenant, person, reason } = input;
  const rules = await rulesFor(input);
  const [first] = rules;
  const many = kind === "person" || kind === "filter";
  const { id } = await enterHold(actor, {
    ...{ name, kind, databaseId, person, reason },
    table: kind === "person" ? null : input.table,
    tenant: kind === "person" ? null : tenant,
    record: kind === "record" ? (first?.record ?? null) : input.record,
    rules: many ? rules : null,
  });
  return { id, standing: await bringEverywhere(actor, databaseId, id) };
}

/** Ends a hold, with a second person. Where a database does not answer, it stands there until it does. */
export async function releaseHold(actor: Actor, input: ReleaseHold): Promise<void> {
  authorise(actor, "retention.manage");
  const { databaseId } = await endHold(actor, input);
  await bringEverywhere(actor, databaseId, input.id);
}

async function bringEverywhere(actor: Actor, databaseId: string | null, id: string): Promise<PlacedHold["standing"]> {
  const places = await placesOf(databaseId);
  await Promise.allSettled(places.map((place) => enforceHolds(actor, place.id)));
  return standingIn(places, id);
}
