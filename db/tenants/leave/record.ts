import type pg from "pg";
import type { Leaving } from "./contract.ts";
import type { LivingTenant } from "./tables.ts";

/** The tenant lives nowhere any more; a deleted one keeps no name. Runs in the caller's transaction. */
export async function forgetPlace(
  client: pg.PoolClient,
  tenant: LivingTenant,
  how: Leaving,
  reason: string,
): Promise<void> {
  await client.query(
    "UPDATE placements SET state = 'dropped', closed_at = now() WHERE tenant_id = $1 AND state = 'open'",
    [tenant.id],
  );
  if (tenant.tier === "schema") {
    await client.query("DELETE FROM managed_tables WHERE database_id = $1 AND schema = $2", [
      tenant.databaseId,
      tenant.schema,
    ]);
  }
  if (tenant.tier === "database") {
    await client.query("UPDATE databases SET released_at = now() WHERE id = $1 AND released_at IS NULL", [
      tenant.databaseId,
    ]);
  }
  await client.query("DELETE FROM tenant_table_sizes WHERE tenant_id = $1", [tenant.id]);
  await client.query("DELETE FROM tenant_size_days WHERE tenant_id = $1", [tenant.id]);
  await client.query(
    `UPDATE tenants
        SET status = 'archived', status_reason = $2, status_changed_at = now(), size_bytes = NULL, growth_bytes = NULL,
            advised_tier = NULL, advised_since = NULL, advice_reason = NULL,
            name = CASE WHEN $3 THEN 'Deleted tenant' ELSE name END, slug = CASE WHEN $3 THEN NULL ELSE slug END,
            notes = CASE WHEN $3 THEN '' ELSE notes END
      WHERE id = $1`,
    [tenant.id, `${how === "archive" ? "Archived" : "Deleted"}: ${reason}`, how === "delete"],
  );
}
