import { createHash, randomBytes } from "node:crypto";

/** A secret of 256 random bits to hand out once; only its hash is kept, which needs no salt at that strength. */
export function newSecretText(prefix = ""): { text: string; hash: string } {
  const text = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { text, hash: hashOf(text) };
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
