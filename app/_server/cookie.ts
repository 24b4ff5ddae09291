import type { AuthOptions } from "next-auth";
import { decode, encode } from "next-auth/jwt";
import { derivedKeys } from "#db/secrets/keys.ts";
import { isSecure } from "./origin.ts";

const twelveHours = 12 * 60 * 60;

/** The session's cookie: encrypted by next-auth, it holds nothing but the session's secret. */
export function sessionCookie() {
  const secure = isSecure();
  return {
    name: secure ? "__Host-caretaker-session" : "caretaker-session",
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure },
  };
}

/** The keys that cookies are under, the current master key's first. */
export function cookieKeys(): string[] {
  return derivedKeys("session cookie");
}

export const jwt: NonNullable<AuthOptions["jwt"]> = {
  maxAge: twelveHours,
  encode,
  decode: async ({ token, ...options }) => (token ? decode({ ...options, token }) : null),
};

/** The session's secret in a cookie, or null when it is not ours or is damaged. */
export async function readCookie(value: string): Promise<string | null> {
  for (const secret of cookieKeys()) {
    const content = await decode({ token: value, secret }).catch(() => null);
    if (typeof content?.session === "string") return content.session;
  }
  return null;
}
