import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import type { Actor } from "#db/actor.ts";
import { Refusal } from "#db/errors.ts";
import { systemActor } from "#db/mint.ts";
import { actorFromToken } from "#db/staff/api-tokens.ts";

/**
 * Who acts: the person whose API token is in CARETAKER_TOKEN, with what the token was given. On the private cluster, and
 * for what must come before there is any person, it is the system, named after the operating system's user.
 */
export async function findActor(needsToken: boolean): Promise<Actor> {
  const userAgent = "caretaker command line";
  const token = process.env.CARETAKER_TOKEN;
  if (token) {
    const actor = await actorFromToken(token, { ip: null, userAgent, requestId: randomUUID() });
    if (actor) return actor;
    throw new Refusal("unauthenticated", "CARETAKER_TOKEN is not valid: it is wrong, expired or revoked.", {
      fix: "Make a new API token in the console under Settings.",
    });
  }
  if (!needsToken) return systemActor(`command line (${userInfo().username})`, { userAgent });
  throw new Refusal("unauthenticated", "CARETAKER_TOKEN is not set.", {
    fix: "Make an API token in the console under Settings, and set CARETAKER_TOKEN to it.",
  });
}
