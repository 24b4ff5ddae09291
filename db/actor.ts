import { type Capability, type Role, rolesWith } from "./capabilities.ts";
import { Refusal } from "./errors.ts";

/**
 * Who acts. Verbs take one and check it; only `db/mint.ts` makes one, and only the session layer,
 * the command line, the worker and tests may import that file (lint), so an actor cannot be forged.
 */
export interface Actor {
  readonly kind: "staff" | "system";
  /** The person's id in `staff`; null for the system itself. */
  readonly staffId: string | null;
  readonly name: string;
  readonly role: Role | "system";
  readonly capabilities: ReadonlySet<Capability>;
  readonly sessionId: string | null;
  /** The API token by which this person's script acts; null in a browser and for the system. */
  readonly apiToken: ApiTokenScope | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  /** When this session last proved its password again, ISO 8601; null when it never did. */
  readonly reauthenticatedAt: string | null;
}

export interface ApiTokenScope {
  readonly id: string;
  readonly name: string;
  /** The one managed database that it may report events to; null for any. */
  readonly databaseId: string | null;
}

/** What the log calls a token: its name for people, and the beginning of its id to tell it from namesakes. */
export function tokenLabel(token: ApiTokenScope): string {
  return `${token.name} (${token.id.slice(0, 8)})`;
}

/** Filled by `db/mint.ts` alone. */
export const minted = new WeakSet<Actor>();

/** Refuses unless the actor is genuine and holds the capability. Every verb calls this first. */
export function authorise(actor: Actor, capability: Capability): void {
  if (!minted.has(actor)) throw new TypeError("This actor was not made by the session layer.");
  if (actor.capabilities.has(capability)) return;
  const holders = rolesWith(capability).join(" or ");
  throw new Refusal("forbidden", `This needs the capability ${capability}, which your role does not have.`, {
    fix: `Ask somebody with the role ${holders}.`,
  });
}
