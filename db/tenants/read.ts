import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import type { Placement, TableSize, TenantDetail, TenantRow } from "./contract.ts";
import { isoText, tenantColumns, tenantSource } from "./rows.ts";

/** One tenant with every placement it had and its size by table. @throws Refusal `not_found` */
export async function readTenant(actor: Actor, tenantId: string): Promise<TenantDetail> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<
    TenantRow & Pick<TenantDetail, "statusReason" | "statusChangedAt" | "residency" | "notes">
  >(
    `SELECT ${tenantColumns}, t.residency, t.notes, t.status_reason AS "statusReason", ${isoText("t.status_changed_at")} AS "statusChangedAt"
       FROM ${tenantSource}
      WHERE t.id::text = $1`,
    [tenantId],
  );
  const [tenant] = rows;
  if (!tenant) {
    throw new Refusal("not_found", "No tenant has this id.", { fix: "Search for its name, slug or key in the list." });
  }
  const [placements, sizes] = await Promise.all([placementsOf(tenant.id), sizesOf(tenant.id)]);
  return { ...tenant, placements, sizes };
}

async function placementsOf(tenantId: string): Promise<Placement[]> {
  const { rows } = await controlPool().query<Placement>(
    `SELECT p.id, p.tier, p.database_id AS "databaseId", d.name AS "databaseName", s.name AS "serverName", p.schema, p.state,
            ${isoText("p.opened_at")} AS "openedAt", ${isoText("p.closed_at")} AS "closedAt"
       FROM placements p
       JOIN databases d ON d.id = p.database_id
       JOIN servers s ON s.id = d.server_id
      WHERE p.tenant_id = $1
      ORDER BY p.opened_at DESC, p.id DESC`,
    [tenantId],
  );
  return rows;
}

async function sizesOf(tenantId: string): Promise<TableSize[]> {
  const { rows } = await controlPool().query<TableSize>(
    `SELECT schema, name, rows::text, bytes::text, method, error_ratio AS "errorRatio", ${isoText("sized_at")} AS "sizedAt"
       FROM tenant_table_sizes
      WHERE tenant_id = $1
      ORDER BY tenant_table_sizes.bytes DESC, schema, name`,
    [tenantId],
  );
  return rows;
}
