import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, control, inControl } from "../control.ts";
import { requireReauthentication } from "../danger.ts";
import { systemActor } from "../mint.ts";
import { sessions } from "../schema/staff.ts";
import { auditedSince, newestEntry } from "../testing/audit.ts";
import { freshControl } from "../testing/databases.ts";
import { changeRole, disableStaff } from "./people.ts";
import { changePassword, reauthenticate } from "./prove.ts";
import { readSession } from "./read-session.ts";
import { listSessions, revokeSession, signOut } from "./sessions.ts";
import { signIn } from "./sign-in.ts";
import { isStillIn } from "./still-in.ts";
import { nearlyExhausted, type SignedInAccount, signedIn, visit } from "./testing.ts";

beforeAll(async () => {
  await freshControl();
});

afterAll(closeControl);

const read = (person: { token: string }) => readSession(person.token, visit());

function setBack(person: SignedInAccount, column: "expiresAt" | "lastSeenAt" | "reauthenticatedAt", interval: string) {
  return control()
    .update(sessions)
    .set({ [column]: sql`now() - ${interval}::interval` })
    .where(eq(sessions.id, person.actor.sessionId ?? ""));
}

describe("a session is refused at its next request", () => {
  test("when it was signed out, which the audit log says", async () => {
    const person = await signedIn("support");
    const before = await newestEntry();
    await signOut(person.actor);
    expect(await read(person)).toBeNull();
    expect(await auditedSince(before)).toContainEqual({ action: "sign_out", table: "staff", by: person.id });
  });

  test("when it was revoked by its person or by an administrator", async () => {
    const person = await signedIn("support");
    const other = await signIn(person, visit());
    await revokeSession(person.actor, { id: (await readSession(other.token, visit()))?.sessionId ?? "" });
    expect(await read(other)).toBeNull();
    expect(await read(person)).not.toBeNull();
    const administrator = await signedIn("administrator");
    await revokeSession(administrator.actor, { id: person.actor.sessionId ?? "" });
    expect(await read(person)).toBeNull();
  });

  test("when its person has another role, in either direction", async () => {
    const person = await signedIn("support");
    await changeRole(systemActor("test"), { staffId: person.id, role: "administrator" });
    expect(await read(person)).toBeNull();
  });

  test("also when the role was changed by hand in the database", async () => {
    const person = await signedIn("support");
    await control().execute(sql`UPDATE staff SET role = 'compliance' WHERE id = ${person.id}`);
    expect(await read(person)).toBeNull();
  });

  test("when its person was disabled", async () => {
    const person = await signedIn("support");
    await disableStaff(systemActor("test"), { staffId: person.id });
    expect(await read(person)).toBeNull();
  });

  test("when it was idle for 30 minutes, or is 12 hours old", async () => {
    const idle = await signedIn("support");
    await setBack(idle, "lastSeenAt", "29 minutes");
    expect(await read(idle)).not.toBeNull();
    await setBack(idle, "lastSeenAt", "31 minutes");
    expect(await read(idle)).toBeNull();
    const old = await signedIn("support");
    await setBack(old, "expiresAt", "1 second");
    expect(await read(old)).toBeNull();
  });

  test("when its secret is not exactly the one that was given", async () => {
    const person = await signedIn("support");
    expect(await readSession(`${person.token} `, visit())).toBeNull();
    expect(await readSession("", visit())).toBeNull();
  });
});

test("a session ends 12 hours after it began, however much it is used", async () => {
  const person = await signedIn("support");
  const [row] = await control()
    .select({ hours: sql<string>`extract(epoch FROM ${sessions.expiresAt} - ${sessions.createdAt}) / 3600` })
    .from(sessions)
    .where(eq(sessions.id, person.actor.sessionId ?? ""));
  expect(Number(row?.hours)).toBe(12);
});

test("use is noted at most once a minute, and leaves no audit entry", async () => {
  const person = await signedIn("support");
  const before = await newestEntry();
  const seen = async () => (await listSessions(person.actor)).find(({ current }) => current)?.lastSeenAt;
  await setBack(person, "lastSeenAt", "30 seconds");
  const first = await seen();
  await read(person);
  expect(await seen()).toBe(first);
  await setBack(person, "lastSeenAt", "2 minutes");
  await read(person);
  expect(Date.parse((await seen()) ?? "")).toBeGreaterThan(Date.parse(first ?? ""));
  expect(await auditedSince(before)).toEqual([]);
});

test("a page that asks by itself keeps nobody in: neither its polls nor its streams count as use", async () => {
  const person = await signedIn("support");
  const seen = async () => (await listSessions(person.actor)).find(({ current }) => current)?.lastSeenAt;
  await setBack(person, "lastSeenAt", "29 minutes");
  const first = await seen();
  expect(await readSession(person.token, visit(), "poll")).not.toBeNull();
  expect(await isStillIn(person.actor)).toBe(true);
  expect(await seen()).toBe(first);
  await setBack(person, "lastSeenAt", "31 minutes");
  expect(await readSession(person.token, visit(), "poll")).toBeNull();
  expect(await isStillIn(person.actor)).toBe(false);
});

test("people see and revoke their own sessions only; who manages staff sees everybody's", async () => {
  const [one, other] = [await signedIn("support"), await signedIn("compliance")];
  expect((await listSessions(one.actor)).map(({ id }) => id)).toEqual([one.actor.sessionId]);
  await expect(listSessions(one.actor, { staffId: other.id })).rejects.toMatchObject({ code: "forbidden" });
  await expect(revokeSession(one.actor, { id: other.actor.sessionId ?? "" })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(await read(other)).not.toBeNull();
  const administrator = await signedIn("administrator");
  expect(await listSessions(administrator.actor, { staffId: other.id })).toHaveLength(1);
});

describe("the password again", () => {
  const proven = async (person: SignedInAccount) => {
    const actor = await read(person);
    if (!actor) throw new Error("signed out");
    return inControl(actor, (tx) => requireReauthentication(tx, actor));
  };

  test("opens dangerous acts for five minutes in this session", async () => {
    const person = await signedIn("administrator");
    await proven(person);
    await setBack(person, "reauthenticatedAt", "6 minutes");
    await expect(proven(person)).rejects.toMatchObject({ code: "reauthentication" });
    await expect(reauthenticate(person.actor, { password: "wrong" })).rejects.toMatchObject({ code: "invalid" });
    await expect(proven(person)).rejects.toMatchObject({ code: "reauthentication" });
    await reauthenticate(person.actor, person);
    await proven(person);
  });

  test("can not be guessed without limit from a session that was left open", async () => {
    const person = await signedIn("support", "203.0.113.20");
    await nearlyExhausted(person, "203.0.113.20");
    await expect(reauthenticate(person.actor, { password: "wrong" })).rejects.toMatchObject({ code: "invalid" });
    await expect(reauthenticate(person.actor, person)).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("changing the password", () => {
  test("ends the other sessions, keeps this one, and makes the old password useless", async () => {
    const person = await signedIn("support");
    const elsewhere = await signIn(person, visit());
    await changePassword(person.actor, { current: person.password, next: "four unrelated words here" });
    expect(await read(elsewhere)).toBeNull();
    expect(await read(person)).not.toBeNull();
    await expect(signIn(person, visit())).rejects.toMatchObject({ code: "unauthenticated" });
    await signIn({ email: person.email, password: "four unrelated words here" }, visit());
  });

  test("needs the current one, and refuses a new one that repeats itself or holds the name", async () => {
    const person = await signedIn("compliance");
    await expect(
      changePassword(person.actor, { current: "wrong", next: "four unrelated words here" }),
    ).rejects.toMatchObject({
      fieldErrors: { current: expect.any(String) },
    });
    for (const next of ["aaaaaaaaaaaaaaaa", "my compliance rocks"]) {
      await expect(changePassword(person.actor, { current: person.password, next })).rejects.toMatchObject({
        fieldErrors: { next: expect.any(String) },
      });
    }
  });
});
