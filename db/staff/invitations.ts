import { and, desc, eq, isNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Actor, authorise } from "../actor.ts";
import type { Role } from "../capabilities.ts";
import { control, inControl } from "../control.ts";
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

/** A link for one person, good for three days and once. */
export async function invite(actor: Actor, input: { email: string; role: Role }): Promise<InvitationLink> {
  authorise(actor, "staff.manage");
  const secret = newSecretText();
  return inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    const [account] = await tx
      .select({ id: staff.id })
      .from(staff)
      .where(sql`lower(${staff.email}) = lower(${input.email})`);
    if (account) {
      throw new Refusal("conflict", `${input.email} has an account already.`, {
        fieldErrors: { email: "Has an account already." },
      });
    }
    const [row] = await tx
      .insert(invitations)
      .values({
        ...input,
        tokenHash: secret.hash,
        invitedBy: actor.staffId,
        expiresAt: sql`now() + interval '3 days'`,
      })
      .returning({ id: invitations.id, expiresAt: invitations.expiresAt });
    if (!row) throw new Error("The invitation was not recorded.");
    return { ...row, token: secret.text };
  });
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

/** An invitation holds while it is unused, in time, and its inviter may still invite. The setup link has no inviter. */
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
