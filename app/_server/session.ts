import { cookies, headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import type { Actor } from "#db/actor.ts";
import type { Capability } from "#db/capabilities.ts";
import { readSession, type SessionRead } from "#db/staff/read-session.ts";
import { readCookie, sessionCookie } from "./cookie.ts";
import { pathHeader } from "./path-header.ts";
import { visitOf } from "./visit.ts";

interface Asked {
  cookies: { get: (name: string) => { value: string } | undefined };
  headers: Headers;
}

/** Whoever is signed in, read from the session's row once a request; null for nobody. */
export const currentActor = cache(
  async (): Promise<Actor | null> => actorOf({ cookies: await cookies(), headers: await headers() }, "use"),
);

/** Whoever a request's cookie says, by the session's row; null for nobody. */
export async function actorOf(request: Asked, read: SessionRead): Promise<Actor | null> {
  const cookie = request.cookies.get(sessionCookie().name);
  const secret = cookie ? await readCookie(cookie.value) : null;
  return secret ? readSession(secret, visitOf(request.headers), read) : null;
}

/** For screens: sends nobody to sign in, and whoever lacks the capability to the page that says so. */
export async function pageActor(capability: Capability): Promise<Actor> {
  const actor = await currentActor();
  if (!actor) redirect(await signInAddress());
  if (actor.capabilities.has(capability)) return actor;
  refused().capability = capability;
  forbidden();
}

const refused = cache((): { capability?: Capability } => ({}));

/** The capability that this request's screen lacked, for the page that says so. */
export function refusedCapability(): Capability | undefined {
  return refused().capability;
}

/** Without the proxy's header people land on the overview after signing in. */
async function signInAddress(): Promise<string> {
  const path = (await headers()).get(pathHeader);
  return path && path !== "/" ? `/sign-in?next=${encodeURIComponent(path)}` : "/sign-in";
}

/** Takes the cookie away, after the session was revoked. */
export async function forgetCookie(): Promise<void> {
  const { name, options } = sessionCookie();
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
}
