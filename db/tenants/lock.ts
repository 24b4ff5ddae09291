import type pg from "pg";
import { Refusal } from "../errors.ts";
import type { NamedTable } from "../schema/fleet.ts";
import type { TenantStatus, Tier } from "./contract.ts";

export interface LockedTenant {
  id: string;
  key: string;
  name: string;
  status: TenantStatus;
  /** The database whose tenants table lists it. */
  homeDatabaseId: string;
  tenantsTable: NamedTable | null;
  placement: { databaseId: string; tier: Tier; schema: string } | null;
}

/** Holds the tenant's row until the transaction ends, so that two writers follow one another. @throws Refusal `not_found` */
export async function lockTenant(client: pg.PoolClient, tenantId: string): Promise<LockedTenant> {
  const { rows } = await client.query<Omit<LockedTenant, "placement">>(
    `SELECT t.id, t.key, t.name, t.status, t.home_database_id AS "homeDatabaseId", d.tenants_table AS "tenantsTable"
       FROM tenants t
       JOIN databases d ON d.id = t.home_database_id
      WHERE t.id = $1
        FOR UPDATE OF t`,
    [tenantId],
  );
  const [tenant] = rows;
  if (!tenant)
    throw new Refusal("not_found", "No tenant has this id.", { fix: "It may have been removed: reload the list." });
  const { rows: placements } = await client.query<{ databaseId: string; tier: Tier; schema: string }>(
    `SELECT database_id AS "databaseId", tier, schema
       FROM placements
      WHERE tenant_id = $1 AND state = 'open'`,
    [tenantId],
  );
  return { ...tenant, placement: placements[0] ?? null };
}
