import type { Actor } from "../actor.ts";
import { addDatabase } from "../databases/add-database.ts";
import { applyAdoption } from "../databases/apply.ts";
import type { Declared } from "../databases/classify.ts";
import { confirmModel } from "../databases/confirm.ts";
import type { DatabaseModel } from "../databases/contract.ts";
import { planAdoption } from "../databases/plan.ts";
import { proposeModel } from "../databases/propose.ts";
import { addServer } from "../databases/servers.ts";
import { syncTenants } from "../databases/sync-tenants.ts";
import type { Seeded } from "./demo/seed.ts";

/** Adopts the demo's databases as an administrator would: the proposed model is confirmed, and the plan applied. */
export async function registerDemo(actor: Actor, serverUrl: string, { shared, own }: Seeded): Promise<void> {
  const { hostname, port, username, password } = new URL(serverUrl);
  const server = await addServer(actor, {
    name: "Demo",
    host: hostname,
    port,
    tlsMode: "disable",
    username,
    password: decodeURIComponent(password),
  });
  const sharedId = await addDatabase(actor, { serverId: server.id, name: shared });
  await adopt(actor, sharedId, {});
  const ownId = await addDatabase(actor, { serverId: server.id, name: own.database });
  await adopt(actor, ownId, { ownTenantKey: own.tenantKey, homeDatabaseId: sharedId });
}

async function adopt(actor: Actor, databaseId: string, declared: Declared): Promise<void> {
  await confirmModel(actor, { databaseId, model: modelOf(await proposeModel(actor, databaseId, declared)) });
  const { hash } = await planAdoption(actor, databaseId);
  await applyAdoption(actor, { databaseId, planHash: hash });
  await syncTenants(actor, databaseId);
}

/** A proposal without its evidence. */
function modelOf({ tenantsTable, usersTable, applicationRole, ownTenantKey, homeDatabaseId, tables }: DatabaseModel) {
  return { tenantsTable, usersTable, applicationRole, ownTenantKey, homeDatabaseId, tables };
}
