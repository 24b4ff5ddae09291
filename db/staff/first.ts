import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import type { Role } from "../capabilities.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { invitations, staff } from "../schema/staff.ts";
import type { InvitationLink } from "./invitations.ts";
import { hashPassword, randomPassword } from "./password.ts";
import { insertStaff } from "./people.ts";
import { newSecretText } from "./secret-text.ts";
import { revokeSessionsOf } from "./sessions.ts";

/**
 * The one-time link with which the first administrator joins, good for a day; earlier ones are taken back.
 * @throws Refusal `conflict` when there is an administrator already.
 */
export async function createSetupLink(actor: Actor): Promise<InvitationLink> {
  authorise(actor, "staff.manage");
  const secret = newSecretText();
  return inControl(actor, async (tx) => {
    const [administrator] = await tx
      .select({ id: staff.id })
      .from(staff)
      .where(and(eq(staff.role, "administrator"), isNull(staff.disabledAt)))
      .limit(1);
    if (administrator) {
      throw new Refusal("conflict", "There is an administrator already.", { fix: "Ask them for an invitation." });
    }
    await tx
      .update(invitations)
      .set({ revokedAt: sql`now()` })
      .where(and(isNull(invitations.invitedBy), isNull(invitations.acceptedAt), isNull(invitations.revokedAt)));
    const [row] = await tx
      .insert(invitations)
      .values({ role: "administrator", tokenHash: secret.hash, expiresAt: sql`now() + interval '1 day'` })
      .returning({ id: invitations.id, expiresAt: invitations.expiresAt });
    if (!row) throw new Error("The setup link was not recorded.");
    return { ...row, token: secret.text };
  });
}

export interface DemoAccount {
  email: string;
  name: string;
  role: Role;
  /** Printed once by the start command. */
  password: string;
}

const demoStaff: Omit<DemoAccount, "password">[] = [
  { email: "administrator@caretaker.example", name: "Demo administrator", role: "administrator" },
  { email: "support@caretaker.example", name: "Demo support", role: "support" },
  { email: "compliance@caretaker.example", name: "Demo compliance", role: "compliance" },
];

/**
 * The three accounts of the demo with new random passwords. Run again, as after a first start that was killed before
 * it printed them, it gives them new passwords and ends their sessions.
 */
export async function bootstrapDemoStaff(actor: Actor): Promise<DemoAccount[]> {
  authorise(actor, "staff.manage");
  const accounts = await Promise.all(demoStaff.map(withPassword));
  await inControl(actor, async (tx) => {
    for (const { email, name, role, passwordHash } of accounts) {
      const [row] = await tx
        .update(staff)
        .set({ passwordHash, role, disabledAt: null })
        .where(sql`lower(${staff.email}) = ${email}`)
        .returning({ id: staff.id });
      if (!row) await insertStaff(tx, { email, name, role, passwordHash });
      if (row) await revokeSessionsOf(tx, actor, row.id);
    }
  });
  return accounts.map(({ passwordHash: _, ...account }) => account);
}

async function withPassword(account: Omit<DemoAccount, "password">): Promise<DemoAccount & { passwordHash: string }> {
  const password = randomPassword();
  return { ...account, password, passwordHash: await hashPassword(password) };
}
