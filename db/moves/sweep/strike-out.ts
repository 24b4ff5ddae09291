import type pg from "pg";
import type { Leftover } from "./contract.ts";

/** Has the console's books say that a place is gone, in the transaction that locks its tenant. */
export async function strikeOut(control: pg.PoolClient, { kind, name, tenant, databaseId }: Leftover): Promise<void> {
  if (!tenant || (kind !== "schema" && kind !== "database")) return;
  // A database by its name, since its server may have been entered twice; a schema where it was.
  const where = kind === "schema" ? "p.schema = $2 AND d.id = $3" : "d.name = $2 AND $3::uuid IS NOT NULL";
  await control.query(
    `UPDATE placements p SET state = 'dropped', closed_at = coalesce(p.closed_at, now())
       FROM databases d WHERE d.id = p.database_id AND p.tenant_id = $1 AND p.state IN ('importing', 'moved') AND ${where}`,
    [tenant.id, name, databaseId],
  );
  if (kind === "schema") {
    await control.query(
      "DELETE FROM managed_tables WHERE database_id = $1 AND schema = $2 AND tenant_constant IS NOT NULL",
      [databaseId, name],
    );
    return;
  }
  await control.query(
    "UPDATE databases SET released_at = now() WHERE name = $1 AND own_tenant_key IS NOT NULL AND released_at IS NULL",
    [name],
  );
}
