import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { auditedSince, newestEntry } from "../testing/audit.ts";
import { freshControl } from "../testing/databases.ts";
import { actorFromToken, createApiToken, listApiTokens, revokeApiToken } from "./api-tokens.ts";
import { readStaffMember } from "./people.ts";
import { readSession } from "./read-session.ts";
import { listSessions, revokeSession } from "./sessions.ts";
import { signIn } from "./sign-in.ts";
import { type SignedInAccount, signedIn, visit } from "./testing.ts";

let administrator: SignedInAccount;
let person: SignedInAccount;

beforeAll(async () => {
  await freshControl();
  administrator = await signedIn("administrator");
  person = await signedIn("support", "192.0.2.7");
});

afterAll(closeControl);

test("an administrator sees each session of a person and ends one of them, which the log says", async () => {
  const { token } = await signIn(person, { ...visit("198.51.100.9"), userAgent: "Firefox elsewhere" });
  const sessions = await listSessions(administrator.actor, { staffId: person.id });
  expect(sessions.map(({ ip, userAgent, current }) => ({ ip, userAgent, current }))).toEqual([
    { ip: "198.51.100.9", userAgent: "Firefox elsewhere", current: false },
    { ip: "192.0.2.7", userAgent: "a test", current: false },
  ]);
  const before = await newestEntry();
  await revokeSession(administrator.actor, { id: sessions[0]?.id ?? "" });
  expect(await readSession(token, visit())).toBeNull();
  expect(await readSession(person.token, visit())).not.toBeNull();
  expect(await auditedSince(before)).toContainEqual({ action: "update", table: "sessions", by: administrator.id });
});

test("an administrator sees each API token of a person and revokes one of them, which the log says", async () => {
  const made = [];
  for (const name of ["nightly", "weekly"]) {
    made.push(await createApiToken(person.actor, { name, capabilities: ["audit.read"], days: 30 }));
  }
  const [nightly, weekly] = made;
  await actorFromToken(nightly?.token ?? "", visit());
  const tokens = await listApiTokens(administrator.actor, { staffId: person.id });
  expect(tokens).toMatchObject([
    { name: "weekly", capabilities: ["audit.read"], lastUsedAt: null },
    { name: "nightly", capabilities: ["audit.read"], lastUsedAt: expect.any(String) },
  ]);
  expect(JSON.stringify(tokens)).not.toMatch(/hash|caretaker_/i);
  const before = await newestEntry();
  await revokeApiToken(administrator.actor, { id: nightly?.id ?? "" });
  expect(await actorFromToken(nightly?.token ?? "", visit())).toBeNull();
  expect(await actorFromToken(weekly?.token ?? "", visit())).not.toBeNull();
  expect((await listApiTokens(administrator.actor, { staffId: person.id })).map(({ name }) => name)).toEqual([
    "weekly",
  ]);
  expect(await auditedSince(before)).toContainEqual({ action: "update", table: "api_tokens", by: administrator.id });
});

test("nobody else sees or ends what is another person's", async () => {
  const officer = await signedIn("compliance");
  const staffId = person.id;
  await expect(listSessions(officer.actor, { staffId })).rejects.toMatchObject({ code: "forbidden" });
  await expect(listApiTokens(officer.actor, { staffId })).rejects.toMatchObject({ code: "forbidden" });
  const [token] = await listApiTokens(administrator.actor, { staffId });
  const [session] = await listSessions(administrator.actor, { staffId });
  await expect(revokeApiToken(officer.actor, { id: token?.id ?? "" })).rejects.toMatchObject({ code: "not_found" });
  await expect(revokeSession(officer.actor, { id: session?.id ?? "" })).rejects.toMatchObject({ code: "not_found" });
  expect(await listApiTokens(officer.actor)).toEqual([]);
  expect(await readStaffMember(officer.actor, staffId)).toMatchObject({ id: staffId, role: "support" });
  await expect(readStaffMember(person.actor, staffId)).rejects.toMatchObject({ code: "forbidden" });
  await expect(readStaffMember(officer.actor, randomUUID())).rejects.toMatchObject({ code: "not_found" });
});
