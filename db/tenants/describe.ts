import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import type { DescribeTenant } from "./contract.ts";
import { lockTenant } from "./lock.ts";

/** What people know of a tenant: notes, and what its contract says of where and with whom it may live. */
export async function describeTenant(actor: Actor, input: DescribeTenant): Promise<{ tenantId: string }> {
  authorise(actor, "tenants.write");
  return await inControl(actor, async (_tx, client) => {
    const tenant = await lockTenant(client, input.tenantId);
    await client.query("UPDATE tenants SET notes = $2, residency = $3, dedicated = $4 WHERE id = $1", [
      tenant.id,
      input.notes,
      input.residency,
      input.dedicated,
    ]);
    return { tenantId: tenant.id };
  });
}
