import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { Refusal } from "../errors.ts";

// Argon2id with 19 MiB, 2 passes, 1 lane: the first choice of OWASP's Password Storage Cheat Sheet.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

let nobody: Promise<string> | undefined;

/** Verifies against a hash of nobody's when there is no account, so that both answers take the same time. */
export async function passwordMatches(stored: string | undefined, password: string): Promise<boolean> {
  nobody ??= hashPassword(randomBytes(32).toString("base64"));
  const matches = await verify(stored ?? (await nobody), password);
  return matches && stored !== undefined;
}

/** Refuses a new password that anybody who knows the person would try first. */
export function refuseObvious(password: string, person: { email: string; name: string }, field = "password"): void {
  const lower = password.toLowerCase();
  const parts = [person.email.split("@")[0] ?? "", ...person.name.split(/\s+/)].filter((part) => part.length >= 4);
  const repeats = new Set(lower).size < 5;
  if (!repeats && !parts.some((part) => lower.includes(part.toLowerCase()))) return;
  throw new Refusal("invalid", "This password is too easy to guess.", {
    fix: "Use several unrelated words.",
    fieldErrors: { [field]: "It repeats itself or holds your name; use several unrelated words." },
  });
}

/** Four groups of base64url, about 120 bits. */
export function randomPassword(): string {
  return (randomBytes(15).toString("base64url").match(/.{5}/g) ?? []).join("-");
}
