import { and, desc, eq, isNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Actor, authorise } from "../actor.ts";
import type { Role } from "../capabilities.ts";
import { type Control, control, inControl } from "../control.ts";
import { requireReauthentication } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { invitations, staff } from "../schema/staff.ts";
import type { InvitationRow } from "./contract.ts";
import { newSecretText } from "./secret-text.ts";

export interface InvitationLink {
  id: string;
  /** For /join/TOKEN; shown once. */
  token: string;
  expiresAt: string;
}

/**
 * A link for one person, good for three days and once; earlier ones to the same address are taken back. Whoever has an account, also a
 * disabled one, sets a new password by it, and has the invited role from then on.
 */
export async function invite(actor: Actor, input: { email: string; role: Role }): Promise<InvitationLink> {
  authorise(actor, "staff.manage");
  return inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    return insertInvitation(tx, actor, input);
  });
}

/** A link by which somebody who has an account sets a new password, with the role that the account has. */
export async function createPasswordLink(actor: Actor, input: { email: string }): Promise<InvitationLink> {
  authorise(actor, "staff.manage");
  return inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    const [account] = await tx
      .select({ email: staff.email, role: staff.role })
      .from(staff)
      .where(sql`lower(${staff.email}) = lower(${input.email})`);
    if (account) return insertInvitation(tx, actor, account);
    throw new Refusal("not_found", `Nobody has an account with the address ${input.email}.`, {
      fix: "Check the address; the console lists its staff under Settings.",
    });
  });
}

async function insertInvitation(
  tx: Control,
  actor: Actor,
  { email, role }: { email: string; role: Role },
): Promise<InvitationLink> {
  const secret = newSecretText();
  await takeBackInvitations(tx, email);
  const [row] = await tx
    .insert(invitations)
    .values({
      email,
      role,
      tokenHash: secret.hash,
      invitedBy: actor.staffId,
      expiresAt: sql`now() + interval '3 days'`,
    })
    .returning({ id: invitations.id, expiresAt: invitations.expiresAt });
  if (!row) throw new Error("The invitation was not recorded.");
  return { ...row, token: secret.text };
}

/** Ends every open link to an address, so that none undoes what was decided about its account later. */
export async function takeBackInvitations(tx: Control, email: string): Promise<void> {
  await tx
    .update(invitations)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        sql`lower(${invitations.email}) = lower(${email})`,
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
      ),
    );
}

const inviter = alias(staff, "inviter");

/** Invitations that nobody took up yet, newest first. */
export async function listInvitations(actor: Actor): Promise<InvitationRow[]> {
  authorise(actor, "staff.read");
  return control()
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      invitedBy: inviter.name,
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
      expired: sql<boolean>`${invitations.expiresAt} <= now()`,
    })
    .from(invitations)
    .leftJoin(inviter, eq(inviter.id, invitations.invitedBy))
    .where(and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt)))
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
    .limit(200);
}

export async function revokeInvitation(actor: Actor, input: { id: string }): Promise<void> {
  authorise(actor, "staff.manage");
  await inControl(actor, async (tx) => {
    const { rowCount } = await tx
      .update(invitations)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(invitations.id, input.id), isNull(invitations.acceptedAt), isNull(invitations.revokedAt)));
    if (rowCount !== 1)
      throw new Refusal("not_found", "There is no such open invitation.", { fix: "Reload the list." });
  });
}

/** An invitation holds while it is unused, in time, and its inviter may still invite. Links that were made on the server have no inviter. */
export function holds() {
  return and(
    isNull(invitations.acceptedAt),
    isNull(invitations.revokedAt),
    sql`${invitations.expiresAt} > now()`,
    or(
      sql`${invitations.invitedBy} IS NULL`,
      sql`EXISTS (SELECT FROM staff AS inviter WHERE inviter.id = ${invitations.invitedBy}
                   AND inviter.role = 'administrator' AND inviter.disabled_at IS NULL)`,
    ),
  );
}
