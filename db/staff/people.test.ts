import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, control } from "../control.ts";
import { staffActor, systemActor } from "../mint.ts";
import { invitations, staff } from "../schema/staff.ts";
import { auditedSince, newestEntry } from "../testing/audit.ts";
import { freshControl } from "../testing/databases.ts";
import { bootstrapDemoStaff, createSetupLink } from "./first.ts";
import { createPasswordLink, invite, listInvitations, revokeInvitation } from "./invitations.ts";
import { acceptInvitation, readInvitation } from "./join.ts";
import { changeRole, createStaff, disableStaff, listStaff } from "./people.ts";
import { readSession } from "./read-session.ts";
import { signIn } from "./sign-in.ts";
import { account, type SignedInAccount, signedIn, visit } from "./testing.ts";

const system = systemActor("test");
let administrator: SignedInAccount;

beforeAll(async () => {
  await freshControl();
});

beforeEach(async () => {
  administrator = await signedIn("administrator");
});

afterAll(closeControl);

const joining = (token: string, email?: string) => ({
  token,
  name: "Grace",
  password: "correct horse battery",
  ...(email ? { email } : {}),
});

/** What somebody gives who has an account. */
const renewing = (token: string) => ({ token, password: "correct horse battery" });

describe("roles", () => {
  test("the last administrator can neither be changed nor disabled, also not by two at once", async () => {
    await control().execute(
      sql`UPDATE staff SET disabled_at = now() WHERE role = 'administrator' AND id <> ${administrator.id}`,
    );
    const input = { staffId: administrator.id };
    await expect(disableStaff(system, input)).rejects.toMatchObject({ code: "conflict" });
    await expect(changeRole(system, { ...input, role: "support" })).rejects.toMatchObject({ code: "conflict" });
    const second = await account("administrator");
    const race = await Promise.allSettled([disableStaff(system, input), disableStaff(system, { staffId: second.id })]);
    expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("a change of role is in the audit log with who made it", async () => {
    const person = await account("support");
    const before = await newestEntry();
    await changeRole(administrator.actor, { staffId: person.id, role: "compliance" });
    expect(await auditedSince(before)).toContainEqual({ action: "update", table: "staff", by: administrator.id });
    expect((await listStaff(administrator.actor)).find(({ id }) => id === person.id)?.role).toBe("compliance");
  });

  test("who manages staff needs the password given lately", async () => {
    const stale = staffActor({ staffId: administrator.id, name: "A", role: "administrator" });
    const { id: staffId } = await account("support");
    const refused = { code: "reauthentication" };
    await expect(changeRole(stale, { staffId, role: "compliance" })).rejects.toMatchObject(refused);
    await expect(disableStaff(stale, { staffId })).rejects.toMatchObject(refused);
    await expect(createPasswordLink(stale, administrator)).rejects.toMatchObject(refused);
    await expect(invite(stale, { email: "x@example.com", role: "support" })).rejects.toMatchObject(refused);
  });

  test("support and compliance manage nobody, and support does not even see the list", async () => {
    for (const role of ["support", "compliance"] as const) {
      const { actor, id } = await signedIn(role);
      const refused = { code: "forbidden" };
      await expect(changeRole(actor, { staffId: id, role: "administrator" })).rejects.toMatchObject(refused);
      await expect(disableStaff(actor, { staffId: id })).rejects.toMatchObject(refused);
      await expect(invite(actor, { email: "x@example.com", role: "administrator" })).rejects.toMatchObject(refused);
      await expect(revokeInvitation(actor, { id })).rejects.toMatchObject(refused);
      await expect(createSetupLink(actor)).rejects.toMatchObject(refused);
      await expect(createPasswordLink(actor, { email: "x@example.com" })).rejects.toMatchObject(refused);
      await expect(bootstrapDemoStaff(actor)).rejects.toMatchObject(refused);
      const person = { email: "y@example.com", name: "Y", role, password: "correct horse battery" };
      await expect(createStaff(actor, person)).rejects.toMatchObject(refused);
      if (role === "support") await expect(listStaff(actor)).rejects.toMatchObject(refused);
      else expect((await listStaff(actor)).length).toBeGreaterThan(0);
    }
  });

  test("the list says when each person was last seen", async () => {
    const unseen = await account("support");
    const list = await listStaff(administrator.actor);
    expect(list.find(({ id }) => id === administrator.id)?.lastSeenAt).toEqual(expect.any(String));
    expect(list.find(({ id }) => id === unseen.id)?.lastSeenAt).toBeNull();
  });

  test("no list ever holds a password's hash", async () => {
    expect(JSON.stringify(await listStaff(administrator.actor))).not.toMatch(/argon2|hash/i);
  });
});

describe("invitations", () => {
  test("a link makes one account with the invited address and role, once", async () => {
    const { token } = await invite(administrator.actor, { email: "grace@example.com", role: "compliance" });
    expect(await readInvitation(token)).toMatchObject({ email: "grace@example.com", role: "compliance" });
    await acceptInvitation(joining(token, "other@example.com"), visit());
    expect(await signIn({ email: "grace@example.com", password: "correct horse battery" }, visit())).toMatchObject({
      role: "compliance",
    });
    expect(await readInvitation(token)).toBeNull();
    await expect(acceptInvitation(joining(token), visit())).rejects.toMatchObject({ code: "not_found" });
  });

  test("two who use one link at the same time make one account", async () => {
    const { token } = await invite(administrator.actor, { email: "race@example.com", role: "support" });
    const race = await Promise.allSettled([
      acceptInvitation(joining(token), visit()),
      acceptInvitation(joining(token), visit()),
    ]);
    expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("a link does not hold once expired, taken back, or its inviter lost the right", async () => {
    const expired = await invite(administrator.actor, { email: "a@example.com", role: "support" });
    await control()
      .update(invitations)
      .set({ expiresAt: sql`now() - interval '1 second'` })
      .where(eq(invitations.id, expired.id));
    const taken = await invite(administrator.actor, { email: "b@example.com", role: "support" });
    await revokeInvitation(administrator.actor, { id: taken.id });
    const other = await signedIn("administrator");
    const orphaned = await invite(other.actor, { email: "c@example.com", role: "administrator" });
    await changeRole(administrator.actor, { staffId: other.id, role: "support" });
    for (const { token } of [expired, taken, orphaned]) {
      expect(await readInvitation(token)).toBeNull();
      await expect(acceptInvitation(joining(token), visit())).rejects.toMatchObject({ code: "not_found" });
    }
    expect((await listInvitations(administrator.actor)).map(({ id }) => id)).not.toContain(taken.id);
  });

  test("whoever has an account sets a new password by the link, with the invited role, and every session ends", async () => {
    const person = await signedIn("support");
    const before = await newestEntry();
    const { token } = await invite(administrator.actor, { email: person.email.toUpperCase(), role: "compliance" });
    expect(await readInvitation(token)).toMatchObject({ account: "A support", role: "compliance" });
    expect(await readSession(person.token, visit())).not.toBeNull();
    await acceptInvitation(renewing(token), visit());
    expect(await readSession(person.token, visit())).toBeNull();
    await expect(signIn(person, visit())).rejects.toMatchObject({ code: "unauthenticated" });
    const signed = await signIn({ ...person, password: "correct horse battery" }, visit());
    expect(signed).toMatchObject({ staffId: person.id, name: "A support", role: "compliance" });
    const acts = await auditedSince(before);
    expect(acts).toContainEqual({ action: "create", table: "invitations", by: administrator.id });
    expect(acts).toContainEqual({ action: "reset_password", table: "staff", by: "invitation" });
    await expect(acceptInvitation(renewing(token), visit())).rejects.toMatchObject({ code: "not_found" });
  });

  test("a disabled account comes back by a link, and by none that was made before it was disabled", async () => {
    const person = await account("support");
    const older = await invite(administrator.actor, { email: person.email, role: "support" });
    await disableStaff(administrator.actor, { staffId: person.id });
    await expect(acceptInvitation(renewing(older.token), visit())).rejects.toMatchObject({ code: "not_found" });
    const [taken, newer] = [
      await invite(administrator.actor, { email: person.email, role: "support" }),
      await invite(administrator.actor, { email: person.email, role: "support" }),
    ];
    expect(await readInvitation(taken.token)).toBeNull();
    await acceptInvitation(renewing(newer.token), visit());
    expect(await signIn({ ...person, password: "correct horse battery" }, visit())).toMatchObject({ role: "support" });
  });

  test("no link takes the last administrator's role, nor outlives a change of role", async () => {
    const person = await account("support");
    const { token } = await invite(administrator.actor, { email: person.email, role: "administrator" });
    await changeRole(administrator.actor, { staffId: person.id, role: "compliance" });
    expect(await readInvitation(token)).toBeNull();
    await control().execute(
      sql`UPDATE staff SET disabled_at = now() WHERE role = 'administrator' AND id <> ${administrator.id}`,
    );
    const own = await invite(administrator.actor, { email: administrator.email, role: "support" });
    await expect(acceptInvitation(renewing(own.token), visit())).rejects.toThrow(/last administrator/);
    expect(await readInvitation(own.token)).not.toBeNull();
  });

  test("a lone administrator who forgot the password gets a link on the server, with the role that the account has", async () => {
    await expect(createPasswordLink(system, { email: "nobody@example.com" })).rejects.toMatchObject({
      code: "not_found",
    });
    const { token } = await createPasswordLink(system, { email: administrator.email });
    expect(await readInvitation(token)).toMatchObject({ role: "administrator", invitedBy: null });
    await acceptInvitation(renewing(token), visit());
    const again = { email: administrator.email, password: "correct horse battery" };
    expect(await signIn(again, visit())).toMatchObject({ staffId: administrator.id, role: "administrator" });
    expect(await readSession(administrator.token, visit())).toBeNull();
  });
});

describe("the first administrator", () => {
  test("joins by a setup link, of which only the newest holds, and which is refused once there is one", async () => {
    await expect(createSetupLink(system)).rejects.toMatchObject({ code: "conflict" });
    await control().update(staff).set({ disabledAt: sql`now()` }).where(eq(staff.role, "administrator"));
    const [older, newer] = [await createSetupLink(system), await createSetupLink(system)];
    expect(await readInvitation(older.token)).toBeNull();
    await expect(acceptInvitation(joining(newer.token), visit())).rejects.toMatchObject({ code: "invalid" });
    const { email } = await account("support");
    await expect(acceptInvitation(joining(newer.token, email), visit())).rejects.toMatchObject({ code: "conflict" });
    await acceptInvitation(joining(newer.token, "first@example.com"), visit());
    expect(await signIn({ email: "first@example.com", password: "correct horse battery" }, visit())).toMatchObject({
      role: "administrator",
    });
  });

  test("the demo's accounts sign in, and asking again gives new passwords", async () => {
    const before = await bootstrapDemoStaff(system);
    const after = await bootstrapDemoStaff(system);
    expect(after.map(({ role }) => role)).toEqual(["administrator", "support", "compliance"]);
    for (const demo of after) await signIn(demo, visit("192.0.2.50"));
    for (const demo of before) {
      await expect(signIn(demo, visit("192.0.2.51"))).rejects.toMatchObject({ code: "unauthenticated" });
    }
  });
});
