import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { inDatabase } from "../fleet.ts";
import type { ReopenTenant, Suspension } from "./contract.ts";
import { expectedTables, placeOf, readEnforcement } from "./enforcement.ts";
import { lockTenant } from "./lock.ts";

/**
 * Lets a suspended tenant in again. The managed database commits first: after a crash between the two the tenant works
 * but is still shown as suspended, and reopening again or the next size job (`reconcile.ts`) repairs that.
 */
export async function reopenTenant(actor: Actor, input: ReopenTenant): Promise<Suspension> {
  authorise(actor, "tenants.write");
  const reason = input.reason ?? null;
  return await inControl(
    actor,
    async (_tx, client) => {
      const tenant = await lockTenant(client, input.tenantId);
      if (tenant.status === "archived") {
        throw new Refusal("conflict", `${tenant.name} is archived.`, {
          fix: "Only a suspended tenant can be reopened.",
        });
      }
      const expected = await expectedTables(client, tenant);
      const enforcement = await inDatabase(
        actor,
        placeOf(tenant).databaseId,
        async (managed) => {
          await managed.query("DELETE FROM caretaker.suspended_tenants WHERE tenant_key = $1", [tenant.key]);
          return await readEnforcement(managed, expected);
        },
        { reason, tenantId: tenant.key },
      );
      await client.query(
        `UPDATE tenants
            SET status = 'active', status_reason = $2, status_changed_at = now()
          WHERE id = $1 AND status = 'suspended'`,
        [tenant.id, reason],
      );
      return { tenantId: tenant.id, status: "active", enforcement };
    },
    { reason },
  );
}
