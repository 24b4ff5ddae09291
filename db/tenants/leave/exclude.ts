import type pg from "pg";
import { Refusal } from "../../errors.ts";
import { isOpen } from "../../jobs/is-open.ts";
import { lockTenant } from "../lock.ts";
import type { LivingTenant } from "./tables.ts";

/**
 * Takes the lock that a move takes before it starts, and refuses when the tenant is not where, and not what, it was when its leaving was
 * planned. A move that starts later finds the job that takes it out.
 *
 * @throws Refusal `conflict`
 */
export async function refuseMoved(client: pg.PoolClient, planned: LivingTenant): Promise<void> {
  const { name, status, placement } = await lockTenant(client, planned.id);
  const { rowCount } = await client.query(
    "SELECT FROM moves WHERE tenant_id = $1 AND state NOT IN ('completed', 'aborted') LIMIT 1",
    [planned.id],
  );
  const fix = "Nothing was removed. Look at the tenant, and plan it again.";
  if (rowCount !== 0) throw new Refusal("conflict", `${name} is being moved.`, { fix });
  const stays =
    placement?.tier === planned.tier &&
    placement.databaseId === planned.databaseId &&
    placement.schema === planned.schema;
  if (!stays) throw new Refusal("conflict", `${name} does not live where it was planned to leave from.`, { fix });
  if (status !== planned.status) {
    throw new Refusal("conflict", `${name} is ${status}, and was ${planned.status} when it was planned.`, { fix });
  }
}

/** Under that same lock: nothing else begins with a tenant that is on its way out. @throws Refusal `conflict` */
export async function refuseLeaving(
  client: pg.PoolClient,
  { id, name }: Pick<LivingTenant, "id" | "name">,
): Promise<void> {
  if (!(await isOpen(client, "tenants.leave", { tenantId: id }))) return;
  throw new Refusal("conflict", `${name} is being archived or deleted already.`, {
    fix: "Wait for that job to end, or cancel it under Jobs.",
  });
}

/** An export that is kept after the files were removed would outlive its tenant. @throws Refusal `conflict` */
export async function refuseExporting(client: pg.PoolClient, { id, name }: LivingTenant): Promise<void> {
  if (!(await isOpen(client, "tenants.export", { tenantId: id }))) return;
  throw new Refusal("conflict", `${name} is being exported.`, {
    fix: "Wait for that job to end, or cancel it under Jobs.",
  });
}
