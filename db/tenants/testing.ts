import type { Actor } from "../actor.ts";
import type { Suspension } from "./contract.ts";
import { readTenant } from "./read.ts";
import { suspendTenant } from "./suspend.ts";

/** Suspends a tenant as somebody who typed its name. */
export async function suspendNamed(
  actor: Actor,
  { tenantId, reason }: { tenantId: string; reason: string },
): Promise<Suspension> {
  const { name } = await readTenant(actor, tenantId);
  return await suspendTenant(actor, { tenantId, reason, typed: name });
}
