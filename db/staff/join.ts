import { and, eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { recordEvent } from "../audit/record-event.ts";
import { control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { systemActor } from "../mint.ts";
import { invitations, staff } from "../schema/staff.ts";
import type { AcceptInvitation, OpenInvitation, Visit } from "./contract.ts";
import { holds } from "./invitations.ts";
import { hashPassword, refuseObvious } from "./password.ts";
import { insertStaff, renewStaff } from "./people.ts";
import { hashOf } from "./secret-text.ts";

const invited = alias(staff, "invited");

/** What a link is for, or null when it does not hold. */
export async function readInvitation(token: string): Promise<OpenInvitation | null> {
  const [invitation] = await control()
    .select({
      email: invitations.email,
      role: invitations.role,
      invitedBy: staff.name,
      expiresAt: invitations.expiresAt,
      account: invited.name,
    })
    .from(invitations)
    .leftJoin(staff, eq(staff.id, invitations.invitedBy))
    .leftJoin(invited, sql`lower(${invited.email}) = lower(${invitations.email})`)
    .where(and(eq(invitations.tokenHash, hashOf(token)), holds()));
  return invitation ?? null;
}

/** Takes up an invitation, once: makes the account, or gives the one that there is a new password. It then signs in like any other. */
export async function acceptInvitation(input: AcceptInvitation, visit: Visit): Promise<{ email: string }> {
  const invitation = await readInvitation(input.token);
  if (!invitation) throw lapsed();
  const email = invitation.email ?? input.email;
  if (!email) throw needed("email", "Give your e-mail address.");
  const name = invitation.account ?? input.name;
  if (!name) throw needed("name", "Give your name.");
  refuseObvious(input.password, { email, name });
  const passwordHash = await hashPassword(input.password);
  const actor = systemActor("invitation", visit);
  return inControl(actor, async (tx, client) => {
    const [taken] = await tx
      .update(invitations)
      .set({ acceptedAt: sql`now()` })
      .where(and(eq(invitations.tokenHash, hashOf(input.token)), holds()))
      .returning({ id: invitations.id, role: invitations.role });
    if (!taken) throw lapsed();
    const person = { email, name, role: taken.role, passwordHash };
    // The setup link names nobody, and gives nobody's account away.
    const known = invitation.email === null ? null : await renewStaff(tx, actor, person);
    const id = known ?? (await insertStaff(tx, person));
    await tx.update(invitations).set({ acceptedBy: id }).where(eq(invitations.id, taken.id));
    if (known) {
      const metadata = { invitation: taken.id };
      await recordEvent(client, { action: "reset_password", resourceType: "staff", resourceId: id, metadata });
    }
    return { email };
  });
}

function needed(field: "email" | "name", message: string): Refusal {
  return new Refusal("invalid", message, { fieldErrors: { [field]: message } });
}

function lapsed(): Refusal {
  return new Refusal("not_found", "This link does not hold: it was used, taken back, or has expired.", {
    fix: "Ask an administrator for a new one.",
  });
}
