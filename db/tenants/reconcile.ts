import type pg from "pg";
import type { Actor } from "../actor.ts";
import { controlPool, inControl } from "../control.ts";
import { withDatabase } from "../fleet.ts";
import { lockTenant } from "./lock.ts";

interface Suspended {
  key: string;
  reason: string | null;
}

/**
 * Brings the shown status after the enforced one, for suspensions and reopenings that were cut off between the two
 * databases. What the managed database enforces is the truth. Returns how many were repaired.
 */
export async function reconcileSuspensions(actor: Actor, databaseId: string): Promise<number> {
  const suspended = await withDatabase(databaseId, readSuspended);
  const { rows } = await controlPool().query<{ id: string }>(
    `SELECT t.id
       FROM tenants t
       JOIN placements p ON p.tenant_id = t.id AND p.state = 'open' AND p.database_id = $1
      WHERE t.status IN ('active', 'suspended')
        AND (t.status = 'suspended') <> (t.key = ANY ($2::text[]))`,
    [databaseId, suspended.map(({ key }) => key)],
  );
  let repaired = 0;
  for (const { id } of rows) if (await repair(actor, databaseId, id)) repaired += 1;
  return repaired;
}

/** Reads again under the lock: a suspension that was on its way a moment ago may have arrived. */
async function repair(actor: Actor, databaseId: string, tenantId: string): Promise<boolean> {
  const reason = "Repaired: the database already enforced it.";
  return await inControl(
    actor,
    async (_tx, client) => {
      const tenant = await lockTenant(client, tenantId);
      const suspended = await withDatabase(databaseId, readSuspended);
      const enforced = suspended.find(({ key }) => key === tenant.key);
      const { rowCount } = await client.query(
        `UPDATE tenants
            SET status = $2, status_reason = $3, status_changed_at = now()
          WHERE id = $1 AND status IN ('active', 'suspended') AND status <> $2`,
        [tenantId, enforced ? "suspended" : "active", enforced ? enforced.reason : null],
      );
      return rowCount === 1;
    },
    { reason },
  );
}

async function readSuspended(client: pg.PoolClient): Promise<Suspended[]> {
  const { rows } = await client.query<Suspended>("SELECT tenant_key AS key, reason FROM caretaker.suspended_tenants");
  return rows;
}
