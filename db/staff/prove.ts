import { eq, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { recordEvent } from "../audit/record-event.ts";
import { control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { sessions, staff } from "../schema/staff.ts";
import { countAttempt, forgiveAttempt } from "./attempts.ts";
import { hashPassword, passwordMatches, refuseObvious } from "./password.ts";
import { revokeSessionsOf } from "./sessions.ts";

/** Proves the password again, for the dangerous acts of the next five minutes in this session. */
export async function reauthenticate(actor: Actor, input: { password: string }): Promise<void> {
  authorise(actor, "self.manage");
  const { email, sessionId } = await prove(actor, input.password);
  await inControl(actor, async (tx, client) => {
    await forgiveAttempt(client, email, actor.ip);
    await tx.update(sessions).set({ reauthenticatedAt: sql`clock_timestamp()` }).where(eq(sessions.id, sessionId));
    await recordEvent(client, { action: "reauthenticate", resourceType: "staff", resourceId: actor.staffId });
  });
}

/** Changes one's own password and ends one's other sessions. */
export async function changePassword(actor: Actor, input: { current: string; next: string }): Promise<void> {
  authorise(actor, "self.manage");
  const { id, email, name, sessionId } = await prove(actor, input.current, "current");
  refuseObvious(input.next, { email, name }, "next");
  const passwordHash = await hashPassword(input.next);
  await inControl(actor, async (tx, client) => {
    await forgiveAttempt(client, email, actor.ip);
    await tx.update(staff).set({ passwordHash }).where(eq(staff.id, id));
    await revokeSessionsOf(tx, actor, id, sessionId);
    await recordEvent(client, { action: "change_password", resourceType: "staff", resourceId: id });
  });
}

/** Guessing here is limited as at sign-in, so that a session left open does not give the password away. */
async function prove(actor: Actor, password: string, field = "password") {
  const { staffId, sessionId } = actor;
  if (!staffId || !sessionId) {
    throw new Refusal("reauthentication", "Only a signed-in person has a password to give.", {
      fix: "Do this in the console.",
    });
  }
  const [person] = await control()
    .select({ id: staff.id, email: staff.email, name: staff.name, passwordHash: staff.passwordHash })
    .from(staff)
    .where(eq(staff.id, staffId));
  if (!person) throw new Refusal("unauthenticated", "This account is gone.", { fix: "Sign in again." });
  await countAttempt(person.email, actor.ip);
  if (!(await passwordMatches(person.passwordHash, password))) {
    throw new Refusal("invalid", "This is not your password.", {
      fieldErrors: { [field]: "This is not your password." },
    });
  }
  return { ...person, sessionId };
}
