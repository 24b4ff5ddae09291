import { type Actor, authorise } from "../actor.ts";
import { type Control, inControl } from "../control.ts";
import { requireConsent } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { inDatabase } from "../fleet.ts";
import type { SuspendTenant, Suspension } from "./contract.ts";
import { expectedTables, placeOf, readEnforcement, requireEnforcement } from "./enforcement.ts";
import { type LockedTenant, lockTenant } from "./lock.ts";

/** Suspends a tenant, whose name was typed: nobody of it gets any further. */
export async function suspendTenant(actor: Actor, input: SuspendTenant): Promise<Suspension> {
  authorise(actor, "tenants.write");
  return await suspend(actor, input, (tx, { name }) =>
    requireConsent(tx, actor, { verb: "tenants.suspend", tier: "irreversible", subject: name }, input),
  );
}

/**
 * Row-level security in the tenant's database refuses the application's role from the next statement on.
 *
 * The managed database commits first, while the control row is locked: after a crash between the two the tenant is
 * refused as asked but still shown as active, and suspending again or the next size job (`reconcile.ts`) repairs that.
 *
 * @throws Refusal `unsupported` when no table would enforce it; what is enforced in part is in the answer.
 */
export async function suspend(
  actor: Actor,
  { tenantId, reason }: Pick<SuspendTenant, "tenantId" | "reason">,
  agree: (tx: Control, tenant: LockedTenant) => Promise<unknown>,
): Promise<Suspension> {
  return await inControl(
    actor,
    async (tx, client) => {
      const tenant = await lockTenant(client, tenantId);
      if (tenant.status === "archived") {
        throw new Refusal("conflict", `${tenant.name} is archived.`, {
          fix: "Only an active tenant can be suspended.",
        });
      }
      await agree(tx, tenant);
      const expected = await expectedTables(client, tenant);
      const enforcement = await inDatabase(
        actor,
        placeOf(tenant).databaseId,
        async (managed) => {
          const found = await readEnforcement(managed, expected);
          requireEnforcement(found);
          await managed.query(
            `INSERT INTO caretaker.suspended_tenants (tenant_key, reason, suspended_at)
             VALUES ($1, $2, now())
             ON CONFLICT (tenant_key) DO NOTHING`,
            [tenant.key, reason],
          );
          return found;
        },
        { reason, tenantId: tenant.key },
      );
      await client.query(
        `UPDATE tenants
            SET status = 'suspended', status_reason = $2, status_changed_at = now()
          WHERE id = $1 AND status = 'active'`,
        [tenant.id, reason],
      );
      return { tenantId: tenant.id, status: "suspended", enforcement };
    },
    { reason },
  );
}
