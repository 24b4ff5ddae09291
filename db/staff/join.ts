import { and, eq, sql } from "drizzle-orm";
import { control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { systemActor } from "../mint.ts";
import { invitations, staff } from "../schema/staff.ts";
import type { AcceptInvitation, OpenInvitation, Visit } from "./contract.ts";
import { holds } from "./invitations.ts";
import { hashPassword, refuseObvious } from "./password.ts";
import { insertStaff } from "./people.ts";
import { hashOf } from "./secret-text.ts";

/** What a link is for, or null when it does not hold. */
export async function readInvitation(token: string): Promise<OpenInvitation | null> {
  const [invitation] = await control()
    .select({
      email: invitations.email,
      role: invitations.role,
      invitedBy: staff.name,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .leftJoin(staff, eq(staff.id, invitations.invitedBy))
    .where(and(eq(invitations.tokenHash, hashOf(token)), holds()));
  return invitation ?? null;
}

/** Takes up an invitation, once: makes the account, which then signs in like any other. */
export async function acceptInvitation(input: AcceptInvitation, visit: Visit): Promise<{ email: string }> {
  const invitation = await readInvitation(input.token);
  const email = invitation?.email ?? input.email;
  if (!invitation) throw lapsed();
  if (!email) {
    throw new Refusal("invalid", "Give your e-mail address.", { fieldErrors: { email: "Give your e-mail address." } });
  }
  refuseObvious(input.password, { email, name: input.name });
  const passwordHash = await hashPassword(input.password);
  return inControl(systemActor("invitation", visit), async (tx) => {
    const [taken] = await tx
      .update(invitations)
      .set({ acceptedAt: sql`now()` })
      .where(and(eq(invitations.tokenHash, hashOf(input.token)), holds()))
      .returning({ id: invitations.id, role: invitations.role });
    if (!taken) throw lapsed();
    const id = await insertStaff(tx, { email, name: input.name, role: taken.role, passwordHash });
    await tx.update(invitations).set({ acceptedBy: id }).where(eq(invitations.id, taken.id));
    return { email };
  });
}

function lapsed(): Refusal {
  return new Refusal("not_found", "This link does not hold: it was used, taken back, or has expired.", {
    fix: "Ask an administrator for a new one.",
  });
}
