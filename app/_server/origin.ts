import { environment } from "#db/environment.ts";
import { Refusal } from "#db/errors.ts";

/** The origin that browsers use for this console, such as https://caretaker.example.com. */
export function ownOrigin(): string {
  return new URL(environment().CARETAKER_URL).origin;
}

export function isSecure(): boolean {
  return ownOrigin().startsWith("https:");
}

/**
 * Refuses a write that does not come from a page of this console. The origin must be given and be exactly ours: an
 * absent one, and "null" as sandboxed frames send it, are refused too.
 */
export function requireOwnOrigin(headers: Headers): void {
  const site = headers.get("sec-fetch-site");
  if (headers.get("origin") === ownOrigin() && (site === null || site === "same-origin")) return;
  throw new Refusal("forbidden", "This request did not come from a page of this console.", {
    fix: `Open the console at ${ownOrigin()} and try again there.`,
  });
}
