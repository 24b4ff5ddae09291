import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import type { Address } from "../../managed/moving/gate.ts";
import type { NamedTable, PathStep, SoftDelete } from "../../schema/fleet.ts";

export type Tier = Address["tier"];

/** A place that a tenant has, had or is to have. */
export interface Place {
  tier: Tier;
  databaseId: string;
  databaseName: string;
  serverId: string;
  serverName: string;
  host: string;
  port: number;
  schema: string;
}

export interface MovingTenant {
  id: string;
  key: string;
  name: string;
  status: string;
  homeDatabaseId: string;
  homeDatabaseName: string;
  tenantsTable: NamedTable;
  usersTable: NamedTable | null;
  applicationRole: string | null;
  placementId: string;
  place: Place;
}

export interface ModelledTable {
  name: string;
  class: "tenant" | "child";
  tenantColumn: string | null;
  tenantPath: PathStep[];
  audited: boolean;
  maskedColumns: string[];
  ignoredColumns: string[];
  rowSecurity: boolean;
  softDelete: SoftDelete | null;
  activeView: boolean;
}

/** A tenant with where it lives now. @throws Refusal `not_found`, `conflict`, `unsupported`. */
export async function readMovingTenant(tenantId: string): Promise<MovingTenant> {
  const { rows } = await controlPool().query<
    Omit<MovingTenant, "place" | "placementId" | "tenantsTable"> &
      Place & { placementId: string | null; tenantsTable: NamedTable | null }
  >(
    `SELECT t.id, t.key, t.name, t.status, h.id AS "homeDatabaseId", h.name AS "homeDatabaseName",
            h.tenants_table AS "tenantsTable", h.users_table AS "usersTable", h.application_role AS "applicationRole", p.id AS "placementId",
            p.tier, p.schema, d.id AS "databaseId", d.name AS "databaseName", s.id AS "serverId", s.name AS "serverName",
            s.host, s.port
       FROM tenants t
       JOIN databases h ON h.id = t.home_database_id
       LEFT JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
       LEFT JOIN databases d ON d.id = p.database_id
       LEFT JOIN servers s ON s.id = d.server_id
      WHERE t.id::text = $1`,
    [tenantId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not_found", "No tenant has this id.", { fix: "Search for it in the list of tenants." });
  const {
    tenantsTable,
    placementId,
    tier,
    databaseId,
    databaseName,
    serverId,
    serverName,
    host,
    port,
    schema,
    ...tenant
  } = row;
  if (!placementId) {
    throw new Refusal("conflict", `${tenant.name} has no open place.`, {
      fix: "Import the tenants of its database again.",
    });
  }
  if (!tenantsTable) {
    throw new Refusal("unsupported", `${tenant.homeDatabaseName} has no tenants table.`, {
      fix: "Choose the tenants table in the database's model.",
    });
  }
  return {
    ...tenant,
    tenantsTable,
    placementId,
    place: { tier, databaseId, databaseName, serverId, serverName, host, port, schema },
  };
}

/** The tables that hold tenants' rows in the shared schema, as the model has them; the list of the tenants itself stays where it is. */
export async function readModelledTables(
  tenant: MovingTenant,
): Promise<{ tables: ModelledTable[]; elsewhere: string[] }> {
  const { schema, table } = tenant.tenantsTable;
  const { rows } = await controlPool().query<ModelledTable & { schema: string }>(
    `SELECT schema, name, class, tenant_column AS "tenantColumn", tenant_path AS "tenantPath", audited,
            masked_columns AS "maskedColumns", ignored_columns AS "ignoredColumns", row_security AS "rowSecurity",
            soft_delete AS "softDelete", active_view AS "activeView"
       FROM managed_tables m
      WHERE database_id = $1 AND class IN ('tenant', 'child') AND tenant_constant IS NULL
        AND NOT (schema = $2 AND name = $3)
        AND NOT EXISTS (SELECT FROM placements p
                         WHERE p.database_id = m.database_id AND p.schema = m.schema AND p.tier = 'schema')
      ORDER BY schema, name`,
    [tenant.homeDatabaseId, schema, table],
  );
  return {
    tables: rows.filter((row) => row.schema === schema),
    elsewhere: rows.filter((row) => row.schema !== schema).map((row) => `${row.schema}.${row.name}`),
  };
}

export function addressOf(tenant: { key: string }, place: Place): Address {
  const { tier, host, port, databaseName, schema } = place;
  return { tenant: tenant.key, tier, host, port, database: databaseName, schema };
}
