import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { requireConsent } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { manyTenants } from "./bulk/contract.ts";
import type { BulkReopen, BulkResult, BulkSuspend } from "./contract.ts";
import { reopenTenant } from "./reopen.ts";
import { suspend } from "./suspend.ts";

/** Suspends many tenants by one consent, one after the other: what is refused for one does not hold for the next. */
export async function suspendTenants(actor: Actor, { tenantIds, ...consent }: BulkSuspend): Promise<BulkResult> {
  authorise(actor, "tenants.write");
  const need = { verb: "tenants.suspend", tier: "irreversible", subject: manyTenants(tenantIds.length) } as const;
  await inControl(actor, (tx) => requireConsent(tx, actor, need, consent));
  return await oneByOne(tenantIds, (tenantId) => suspend(actor, { tenantId, reason: consent.reason }, async () => {}));
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
