import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import { type Actor, authorise } from "#db/actor.ts";
import type { Capability } from "#db/capabilities.ts";
import { Refusal, type Result } from "#db/errors.ts";
import type { Visit } from "#db/staff/contract.ts";
import { failureOf } from "./answer.ts";
import { type Declaration, declare } from "./declared.ts";
import { requireOwnOrigin } from "./origin.ts";
import { entriesOf, parse } from "./parse.ts";
import { currentActor } from "./session.ts";
import { visitOf } from "./visit.ts";

/** A server action: takes a form or an object, never throws what a person can meet. */
export type Action<T> = (input: FormData | object) => Promise<Result<T>>;

/** An action of staff. In this order: the request's origin, the session, the capability, the input, the verb. */
export function staffAction<Schema extends z.ZodType, T>(
  capability: Capability,
  schema: Schema,
  work: (actor: Actor, input: z.output<Schema>) => Promise<T>,
): Action<T> {
  return wrap({ capability }, async (input) => {
    const actor = await currentActor();
    if (!actor) throw signedOut();
    authorise(actor, capability);
    return work(actor, parse(schema, input));
  });
}

/** An action for whoever is not signed in; `why` says what makes that right. */
export function publicAction<Schema extends z.ZodType, T>(
  why: string,
  schema: Schema,
  work: (visit: Visit, input: z.output<Schema>) => Promise<T>,
): Action<T> {
  return wrap({ public: why }, async (input) => work(visitOf(await headers()), parse(schema, input)));
}

function wrap<T>(declaration: Declaration, work: (input: object) => Promise<T>): Action<T> {
  const action = async (input: FormData | object): Promise<Result<T>> => {
    try {
      requireOwnOrigin(await headers());
      return { ok: true, data: await work(input instanceof FormData ? entriesOf(input) : input) };
    } catch (error) {
      unstable_rethrow(error);
      return failureOf(error, "action");
    }
  };
  return declare(action, declaration);
}

export function signedOut(): Refusal {
  return new Refusal("unauthenticated", "You are signed out.", {
    fix: "Sign in again in another tab, then repeat this here.",
  });
}
