import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import type { Role } from "../capabilities.ts";
import { type Control, control, inControl } from "../control.ts";
import { requireReauthentication } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { apiTokens, invitations, staff } from "../schema/staff.ts";
import type { CreateStaff, StaffMember } from "./contract.ts";
import { takeBackInvitations } from "./invitations.ts";
import { hashPassword, refuseObvious } from "./password.ts";
import { revokeSessionsOf } from "./sessions.ts";

const shown = {
  id: staff.id,
  email: staff.email,
  name: staff.name,
  role: staff.role,
  createdAt: staff.createdAt,
  disabledAt: staff.disabledAt,
  // Names in full: in a subquery the query builder would leave the tables out, and "id" would be the session's.
  lastSeenAt: sql<string | null>`(SELECT max(last_seen_at) FROM sessions WHERE sessions.staff_id = staff.id)`,
};

/** Everybody who may sign in or once might, by name. */
export async function listStaff(actor: Actor): Promise<StaffMember[]> {
  authorise(actor, "staff.read");
  return control()
    .select(shown)
    .from(staff)
    .orderBy(sql`${staff.disabledAt} IS NOT NULL`, asc(staff.name), asc(staff.id));
}

/** @throws Refusal `not_found`. */
export async function readStaffMember(actor: Actor, staffId: string): Promise<StaffMember> {
  authorise(actor, "staff.read");
  const [person] = await control().select(shown).from(staff).where(eq(staff.id, staffId));
  if (person) return person;
  throw new Refusal("not_found", "There is no such member of staff.", { fix: "Choose one from Settings, Staff." });
}

/** Makes an account with a password, for the start command and the command line; people are otherwise invited. */
export async function createStaff(actor: Actor, input: CreateStaff): Promise<string> {
  authorise(actor, "staff.manage");
  refuseObvious(input.password, input);
  const passwordHash = await hashPassword(input.password);
  return inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    return insertStaff(tx, { email: input.email, name: input.name, role: input.role, passwordHash });
  });
}

export async function insertStaff(
  tx: Control,
  person: { email: string; name: string; role: Role; passwordHash: string },
): Promise<string> {
  const [row] = await tx.insert(staff).values(person).onConflictDoNothing().returning({ id: staff.id });
  if (row) return row.id;
  throw new Refusal("conflict", `${person.email} has an account already.`, {
    fieldErrors: { email: "Has an account already." },
  });
}

/**
 * Gives the account with this address, also a disabled one, a new password and a role, and ends its sessions. Answers its id; null
 * where there is none.
 */
export async function renewStaff(
  tx: Control,
  actor: Actor,
  { email, role, passwordHash }: { email: string; role: Role; passwordHash: string },
): Promise<string | null> {
  await activeAdministrators(tx);
  const [account] = await tx
    .select({ id: staff.id, role: staff.role, disabledAt: staff.disabledAt })
    .from(staff)
    .where(sql`lower(${staff.email}) = lower(${email})`)
    .for("update");
  if (!account) return null;
  const administers = account.role === "administrator" && account.disabledAt === null;
  if (administers && role !== "administrator") await refuseLastAdministrator(tx, account.id);
  await tx
    .update(staff)
    .set({ passwordHash, role, disabledAt: null, disabledBy: null })
    .where(eq(staff.id, account.id));
  await revokeSessionsOf(tx, actor, account.id);
  return account.id;
}

/** Gives a person another role. Their sessions end, since each was opened for a role. */
export async function changeRole(actor: Actor, input: { staffId: string; role: Role }): Promise<void> {
  authorise(actor, "staff.manage");
  await inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    const person = await lockPerson(tx, input.staffId);
    if (person.role === input.role) return;
    if (person.role === "administrator") await refuseLastAdministrator(tx, input.staffId);
    await tx.update(staff).set({ role: input.role }).where(eq(staff.id, input.staffId));
    await takeBackInvitations(tx, person.email);
    await revokeSessionsOf(tx, actor, input.staffId);
  });
}

/** Takes a person's access away at once: sessions, API tokens and open invitations, by them and to them. Their past stays. */
export async function disableStaff(actor: Actor, input: { staffId: string }): Promise<void> {
  authorise(actor, "staff.manage");
  await inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    const person = await lockPerson(tx, input.staffId);
    if (person.role === "administrator") await refuseLastAdministrator(tx, input.staffId);
    await tx
      .update(staff)
      .set({ disabledAt: sql`now()`, disabledBy: actor.staffId })
      .where(eq(staff.id, input.staffId));
    await takeBackInvitations(tx, person.email);
    await revokeSessionsOf(tx, actor, input.staffId);
    await tx
      .update(apiTokens)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(apiTokens.staffId, input.staffId), isNull(apiTokens.revokedAt)));
    await tx
      .update(invitations)
      .set({ revokedAt: sql`now()` })
      .where(
        and(eq(invitations.invitedBy, input.staffId), isNull(invitations.acceptedAt), isNull(invitations.revokedAt)),
      );
  });
}

/** Locks every active administrator first, in one order, so that two administrators can not remove each other at once. */
async function lockPerson(tx: Control, staffId: string): Promise<{ role: Role; email: string }> {
  await activeAdministrators(tx);
  const [person] = await tx
    .select({ role: staff.role, email: staff.email })
    .from(staff)
    .where(and(eq(staff.id, staffId), isNull(staff.disabledAt)))
    .for("update");
  if (person) return person;
  throw new Refusal("not_found", "There is no such active member of staff.", { fix: "Reload the list." });
}

function activeAdministrators(tx: Control): Promise<{ id: string }[]> {
  return tx
    .select({ id: staff.id })
    .from(staff)
    .where(and(eq(staff.role, "administrator"), isNull(staff.disabledAt)))
    .orderBy(staff.id)
    .for("update");
}

async function refuseLastAdministrator(tx: Control, staffId: string): Promise<void> {
  const others = (await activeAdministrators(tx)).filter(({ id }) => id !== staffId);
  if (others.length > 0) return;
  throw new Refusal("conflict", "This is the last administrator.", {
    fix: "Make somebody else an administrator first.",
  });
}
