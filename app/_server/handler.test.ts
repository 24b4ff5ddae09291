import { NextRequest } from "next/server";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { closeControl, controlPool } from "#db/control.ts";
import { type SignedInAccount, signedIn } from "#db/staff/testing.ts";
import { freshControl } from "#db/testing/databases.ts";
import { cookieKeys, sessionCookie } from "./cookie.ts";
import { pollHandler, staffHandler } from "./handler.ts";

beforeAll(async () => {
  await freshControl();
  process.env.CARETAKER_URL = "https://caretaker.example.com/";
});

afterAll(closeControl);

const used = staffHandler("jobs.read", z.object({}), async () => "used");
const polled = pollHandler("jobs.read", z.object({}), async () => "polled");

async function ask(handler: typeof used, person: SignedInAccount): Promise<number> {
  const cookie = await encode({ token: { session: person.token }, secret: cookieKeys()[0] ?? "" });
  const headers = { cookie: `${sessionCookie().name}=${cookie}` };
  const request = new NextRequest("https://caretaker.example.com/api/anything", { headers });
  return (await handler(request, { params: Promise.resolve({}) })).status;
}

async function idleFor(person: SignedInAccount, interval: string): Promise<void> {
  await controlPool().query("UPDATE sessions SET last_seen_at = now() - $2::interval WHERE id = $1", [
    person.actor.sessionId,
    interval,
  ]);
}

test("a tab that only asks by itself is signed out after 30 minutes, and one that is used is not", async () => {
  const person = await signedIn("support");
  await idleFor(person, "29 minutes");
  expect(await ask(polled, person)).toBe(200);
  const idle = "SELECT last_seen_at < now() - interval '28 minutes' AS idle FROM sessions WHERE id = $1";
  expect((await controlPool().query(idle, [person.actor.sessionId])).rows).toEqual([{ idle: true }]);
  expect(await ask(used, person)).toBe(200);
  expect((await controlPool().query(idle, [person.actor.sessionId])).rows).toEqual([{ idle: false }]);
  await idleFor(person, "31 minutes");
  expect(await ask(polled, person)).toBe(401);
  expect(await ask(used, person)).toBe(401);
});
