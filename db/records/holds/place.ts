import { type Actor, authorise } from "../../actor.ts";
import type { ReleaseHold } from "../../audit/retention/contract.ts";
import { endHold, enterHold, listHolds } from "../../audit/retention/holds.ts";
import { enforceHolds } from "../../holding/enforce.ts";
import type { ParsedHold, PlacedHold } from "./contract.ts";
import { rulesFor } from "./rules.ts";
import { placesOf, standingOf } from "./standing.ts";

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
  const hold = { id, kind, databaseId };
  await bring(actor, await placesOf(hold));
  return { id, standing: await standingOf(hold) };
}

/** Ends a hold, with a second person. Where a database does not answer, it stands there until it does. */
export async function releaseHold(actor: Actor, input: ReleaseHold): Promise<void> {
  authorise(actor, "retention.manage");
  const [hold] = (await listHolds(actor)).filter(({ id }) => id === input.id);
  const places = hold ? await placesOf(hold) : [];
  await endHold(actor, input);
  await bring(actor, places);
}

/** Where it does not succeed now, the worker goes on trying. */
async function bring(actor: Actor, places: readonly { id: string }[]): Promise<void> {
  await Promise.allSettled(places.map(({ id }) => enforceHolds(actor, id)));
}
