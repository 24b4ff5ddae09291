import type { Actor } from "../actor.ts";
import { addDatabase } from "../databases/add-database.ts";
import { applyAdoption } from "../databases/apply.ts";
import type { Declared } from "../databases/classify.ts";
import { confirmModel } from "../databases/confirm.ts";
import type { TableModel } from "../databases/contract.ts";
import { planAdoption } from "../databases/plan.ts";
import { proposeModel } from "../databases/propose.ts";
import { addServer, listServerDatabases, listServers } from "../databases/servers.ts";
import { syncTenants } from "../databases/sync-tenants.ts";
import { applicationRole, captureChoice } from "./demo/application.ts";
import type { Seeded } from "./demo/seed.ts";

const serverName = "Demo";

/**
 * Adopts the demo's databases as an administrator would: the proposed model is corrected and confirmed, and the plan applied.
 * What a run that was killed left is taken up again.
 */
export async function registerDemo(actor: Actor, serverUrl: string, { shared, own }: Seeded): Promise<void> {
  const serverId = await registerServer(actor, serverUrl);
  const sharedId = await registerDatabase(actor, serverId, shared);
  await adopt(actor, sharedId, {});
  const ownId = await registerDatabase(actor, serverId, own.database);
  await adopt(actor, ownId, { tenantsTable: null, ownTenantKey: own.tenantKey, homeDatabaseId: sharedId });
}

async function registerServer(actor: Actor, serverUrl: string): Promise<string> {
  const known = (await listServers(actor)).find((server) => server.name === serverName);
  if (known) return known.id;
  const { hostname, port, username, password } = new URL(serverUrl);
  const server = await addServer(actor, {
    name: serverName,
    host: hostname,
    port,
    tlsMode: "disable",
    username,
    password: decodeURIComponent(password),
  });
  return server.id;
}

async function registerDatabase(actor: Actor, serverId: string, name: string): Promise<string> {
  const known = (await listServerDatabases(actor, serverId)).find((database) => database.name === name);
  return known?.databaseId ?? addDatabase(actor, { serverId, name });
}

async function adopt(actor: Actor, databaseId: string, declared: Declared): Promise<void> {
  const { tenantsTable, usersTable, ownTenantKey, homeDatabaseId, tables } = await proposeModel(
    actor,
    databaseId,
    declared,
  );
  const model = {
    tenantsTable,
    usersTable,
    applicationRole,
    ownTenantKey,
    homeDatabaseId,
    tables: tables.map(corrected),
  };
  await confirmModel(actor, { databaseId, model });
  const { hash } = await planAdoption(actor, databaseId);
  await applyAdoption(actor, { databaseId, planHash: hash });
  await syncTenants(actor, databaseId);
}

/** What an administrator of the demo corrects: columns that are only bookkeeping, and row security for the tenants' rows. */
function corrected(table: TableModel): TableModel {
  const { ignored = [], masked = [] } = captureChoice(table.schema, table.name);
  return {
    ...table,
    ignoredColumns: ignored,
    maskedColumns: [...new Set([...table.maskedColumns, ...masked])],
    rowSecurity: table.class === "tenant" && table.tenantColumn !== null,
  };
}
