import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import type { BulkReopen, BulkResult, BulkSuspend } from "./contract.ts";
import { reopenTenant } from "./reopen.ts";
import { suspendTenant } from "./suspend.ts";

/** Suspends many tenants, one after the other: what is refused for one does not hold for the next. */
export async function suspendTenants(actor: Actor, { tenantIds, reason }: BulkSuspend): Promise<BulkResult> {
  authorise(actor, "tenants.write");
  return await oneByOne(tenantIds, (tenantId) => suspendTenant(actor, { tenantId, reason }));
}

export async function reopenTenants(actor: Actor, { tenantIds }: BulkReopen): Promise<BulkResult> {
  authorise(actor, "tenants.write");
  return await oneByOne(tenantIds, (tenantId) => reopenTenant(actor, { tenantId }));
}

async function oneByOne(
  tenantIds: readonly string[],
  act: (tenantId: string) => Promise<unknown>,
): Promise<BulkResult> {
  const result: BulkResult = { done: 0, refused: [] };
  for (const tenantId of tenantIds) {
    try {
      await act(tenantId);
      result.done += 1;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      result.refused.push({ tenantId, message: error.message });
    }
  }
  return result;
}
