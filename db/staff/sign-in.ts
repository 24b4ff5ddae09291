import { sql } from "drizzle-orm";
import type pg from "pg";
import type { Actor } from "../actor.ts";
import { recordEvent } from "../audit/record-event.ts";
import type { Role } from "../capabilities.ts";
import { type Control, control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { staffActor, systemActor } from "../mint.ts";
import { sessions, staff } from "../schema/staff.ts";
import { countAttempt, forgiveAttempt } from "./attempts.ts";
import type { SignIn, Visit } from "./contract.ts";
import { passwordMatches } from "./password.ts";
import { newSecretText } from "./secret-text.ts";

interface SignedIn {
  /** The session's secret, for the cookie; only its hash is kept. */
  token: string;
  staffId: string;
  name: string;
  role: Role;
}

/**
 * Signs a person in and opens a session. The answer to a wrong password, an unknown account and a disabled one is the
 * same in words and in time.
 */
export async function signIn(input: SignIn, visit: Visit): Promise<SignedIn> {
  await countAttempt(input.email, visit.ip);
  const account = await readAccount(input.email);
  const matches = await passwordMatches(account?.passwordHash, input.password);
  if (!account || !matches || account.disabledAt !== null) {
    await recordRefused(account?.id ?? null, visit);
    throw new Refusal("unauthenticated", "The e-mail address or the password is not right.", {
      fix: "Check both; an administrator can invite you again.",
    });
  }
  const actor = staffActor({ staffId: account.id, name: account.name, role: account.role, ...visit });
  return inControl(actor, async (tx, client) => {
    await forgiveAttempt(client, input.email, visit.ip);
    return openSession(tx, client, actor, account);
  });
}

interface Account {
  id: string;
  name: string;
  role: Role;
  passwordHash: string;
  disabledAt: string | null;
}

async function readAccount(email: string): Promise<Account | undefined> {
  const [account] = await control()
    .select({
      id: staff.id,
      name: staff.name,
      role: staff.role,
      passwordHash: staff.passwordHash,
      disabledAt: staff.disabledAt,
    })
    .from(staff)
    .where(sql`lower(${staff.email}) = lower(${email})`);
  return account;
}

async function recordRefused(staffId: string | null, visit: Visit): Promise<void> {
  await inControl(systemActor("sign-in", visit), (_tx, client) =>
    recordEvent(client, { action: "sign_in_refused", resourceType: "staff", resourceId: staffId }),
  );
}

/** A session row for a person whose password was just seen: 12 hours at most, 30 minutes without use. */
async function openSession(
  tx: Control,
  client: pg.PoolClient,
  actor: Actor,
  person: { id: string; name: string; role: Role },
): Promise<SignedIn> {
  const secret = newSecretText();
  const [session] = await tx
    .insert(sessions)
    .values({
      staffId: person.id,
      tokenHash: secret.hash,
      role: person.role,
      ip: actor.ip,
      userAgent: actor.userAgent?.slice(0, 400) ?? null,
      expiresAt: sql`now() + interval '12 hours'`,
      reauthenticatedAt: sql`now()`,
    })
    .returning({ id: sessions.id });
  if (!session) throw new Error("The session was not recorded.");
  await recordEvent(client, {
    action: "sign_in",
    resourceType: "staff",
    resourceId: person.id,
    metadata: { session: session.id },
  });
  return { token: secret.text, staffId: person.id, name: person.name, role: person.role };
}
