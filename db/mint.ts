import { randomUUID } from "node:crypto";
import { type Actor, type ApiTokenScope, minted } from "./actor.ts";
import { type Capability, capabilities, capabilitiesOf, type Role } from "./capabilities.ts";

interface StaffActorInput {
  staffId: string;
  name: string;
  role: Role;
  /** Narrows the role's capabilities, for an API token's scope. */
  only?: readonly Capability[];
  sessionId?: string | null;
  apiToken?: ApiTokenScope | null;
  ip?: string | null;
  userAgent?: string | null;
  requestId?: string;
  reauthenticatedAt?: string | null;
}

/** Makes the actor of a signed-in person or of their API token. Import zones keep this to trusted callers. */
export function staffActor(input: StaffActorInput): Actor {
  const held = capabilitiesOf(input.role);
  const actor: Actor = Object.freeze({
    kind: "staff",
    staffId: input.staffId,
    name: input.name,
    role: input.role,
    capabilities: input.only ? new Set(input.only.filter((capability) => held.has(capability))) : held,
    sessionId: input.sessionId ?? null,
    apiToken: input.apiToken ?? null,
    ip: input.ip ?? null,
    userAgent: input.userAgent ?? null,
    requestId: input.requestId ?? randomUUID(),
    reauthenticatedAt: input.reauthenticatedAt ?? null,
  });
  minted.add(actor);
  return actor;
}

interface SystemOrigin {
  ip?: string | null;
  userAgent?: string | null;
  requestId?: string;
}

/** Makes the actor of the product itself: worker schedules, the start command, the private cluster's command line. */
export function systemActor(name: string, origin: SystemOrigin = {}): Actor {
  const actor: Actor = Object.freeze({
    kind: "system",
    staffId: null,
    name,
    role: "system",
    capabilities: new Set(capabilities),
    sessionId: null,
    apiToken: null,
    ip: origin.ip ?? null,
    userAgent: origin.userAgent ?? null,
    requestId: origin.requestId ?? randomUUID(),
    reauthenticatedAt: null,
  });
  minted.add(actor);
  return actor;
}
