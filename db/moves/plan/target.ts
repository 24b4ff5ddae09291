import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { ownDatabaseName, ownName } from "../../managed/own-name.ts";
import type { PlanMove } from "../contract.ts";
import type { MovingTenant, Place } from "./place.ts";

/** The place that is asked for, and whether its database must be made. */
export async function targetOf(
  tenant: MovingTenant,
  input: PlanMove,
): Promise<{ place: Place; createDatabase: boolean }> {
  const { tier } = input;
  if (tier === "shared") {
    const home = await readDatabase(tenant.homeDatabaseId);
    return { place: { ...home, tier, schema: tenant.tenantsTable.schema }, createDatabase: false };
  }
  if (tier === "schema") {
    const database = await readDatabase(input.databaseId ?? tenant.homeDatabaseId);
    return { place: { ...database, tier, schema: ownName(tenant.id) }, createDatabase: false };
  }
  const home = await readDatabase(tenant.homeDatabaseId);
  const server = input.serverId && input.serverId !== home.serverId ? await readServer(input.serverId) : home;
  const { serverId, serverName, host, port } = server;
  const databaseName = ownDatabaseName(tenant.homeDatabaseName, tenant.id);
  // The id of a new one comes with the move; one that the tenant had before is its own still.
  const databaseId = (await ownDatabase(tenant, serverId, databaseName)) ?? "";
  const place = { databaseId, databaseName, serverId, serverName, host, port };
  return { place: { ...place, tier, schema: tenant.tenantsTable.schema }, createDatabase: databaseId === "" };
}

async function ownDatabase(tenant: MovingTenant, serverId: string, name: string): Promise<string | null> {
  const { rows } = await controlPool().query<{ id: string }>(
    `SELECT id FROM databases
      WHERE server_id = $1 AND name = $2 AND own_tenant_key = $3 AND home_database_id = $4 AND released_at IS NULL`,
    [serverId, name, tenant.key, tenant.homeDatabaseId],
  );
  return rows[0]?.id ?? null;
}

async function readDatabase(id: string): Promise<Omit<Place, "tier" | "schema">> {
  const { rows } = await controlPool().query<Omit<Place, "tier" | "schema">>(
    `SELECT d.id AS "databaseId", d.name AS "databaseName", s.id AS "serverId", s.name AS "serverName", s.host, s.port
       FROM databases d JOIN servers s ON s.id = d.server_id
      WHERE d.id = $1 AND d.adopted_at IS NOT NULL AND d.released_at IS NULL AND s.removed_at IS NULL`,
    [id],
  );
  const [row] = rows;
  if (row) return row;
  throw new Refusal("not_found", "No adopted database has this id.", { fix: "Choose one from Databases." });
}

async function readServer(id: string): Promise<Pick<Place, "serverId" | "serverName" | "host" | "port">> {
  const { rows } = await controlPool().query<Pick<Place, "serverId" | "serverName" | "host" | "port">>(
    'SELECT id AS "serverId", name AS "serverName", host, port FROM servers WHERE id = $1 AND removed_at IS NULL',
    [id],
  );
  const [row] = rows;
  if (row) return row;
  throw new Refusal("not_found", "No server of the fleet has this id.", { fix: "Choose one from Databases." });
}
