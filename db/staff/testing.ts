import { randomBytes } from "node:crypto";
import type { Actor } from "../actor.ts";
import type { Role } from "../capabilities.ts";
import { controlPool } from "../control.ts";
import { systemActor } from "../mint.ts";
import type { Visit } from "./contract.ts";
import { createStaff } from "./people.ts";
import { readSession } from "./read-session.ts";
import { hashOf } from "./secret-text.ts";
import { signIn } from "./sign-in.ts";

export function visit(ip = "192.0.2.1"): Visit {
  return { ip, userAgent: "a test", requestId: "test" };
}

export interface Account {
  id: string;
  email: string;
  password: string;
}

/** A member of staff with a password that nobody else has. */
export async function account(role: Role): Promise<Account> {
  const email = `${randomBytes(6).toString("hex")}@example.com`;
  const password = randomBytes(12).toString("base64url");
  const id = await createStaff(systemActor("test"), { email, name: `A ${role}`, role, password });
  return { id, email, password };
}

export interface SignedInAccount extends Account {
  token: string;
  actor: Actor;
}

export async function signedIn(role: Role, ip?: string): Promise<SignedInAccount> {
  const made = await account(role);
  const { token } = await signIn(made, visit(ip));
  const actor = await readSession(token, visit(ip));
  if (!actor) throw new Error("The session does not hold.");
  return { ...made, token, actor };
}

/** As if this account had failed so often from this address that the next failure makes it wait for two minutes. */
export async function nearlyExhausted({ email }: { email: string }, ip: string): Promise<void> {
  await controlPool().query(
    `INSERT INTO sign_in_attempts (key, failures) VALUES ($1, 12)
     ON CONFLICT (key) DO UPDATE SET failures = 12, retry_at = now()`,
    [pairKey(email, ip)],
  );
}

/** Lets the wait pass. */
export async function waited({ email }: { email: string }, ip: string): Promise<void> {
  await controlPool().query("UPDATE sign_in_attempts SET retry_at = now() WHERE key = $1", [pairKey(email, ip)]);
}

function pairKey(email: string, ip: string): string {
  return `pair ${hashOf(`${email} ${ip}`)}`;
}
