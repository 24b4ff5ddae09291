import { createHash, randomBytes } from "node:crypto";

/** What a link carries, and what is kept of it: 256 random bits need no salt. */
export function newToken(): { token: string; hash: string } {
  const token = randomBytes(32).toString("base64url");
  return { token, hash: hashOf(token) };
}

export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
