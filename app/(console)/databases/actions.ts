"use server";
import { z } from "zod";
import { staffAction } from "#app/_server/action.ts";
import { consentSchema } from "#db/approvals/contract.ts";
import * as add from "#db/databases/add-database.ts";
import * as apply from "#db/databases/apply.ts";
import * as change from "#db/databases/change-server.ts";
import * as confirm from "#db/databases/confirm.ts";
import * as contract from "#db/databases/contract.ts";
import * as remove from "#db/databases/remove.ts";
import * as servers from "#db/databases/servers.ts";
import * as startSync from "#db/databases/start-sync.ts";
import * as connection from "#db/databases/test-connection.ts";

export const testConnection = staffAction("databases.manage", contract.serverInput, connection.testConnection);

export const addServer = staffAction("databases.manage", contract.addServerInput, servers.addServer);

export const changeServer = staffAction("databases.manage", contract.changeServerInput, change.changeServer);

export const removeServer = staffAction("databases.manage", contract.serverId, (actor, { serverId }) =>
  servers.removeServer(actor, serverId),
);

export const addDatabase = staffAction("databases.manage", contract.addDatabaseInput, add.addDatabase);

export const forgetDatabase = staffAction("databases.manage", contract.databaseId, (actor, { databaseId }) =>
  add.forgetDatabase(actor, databaseId),
);

export const confirmModel = staffAction("databases.manage", contract.confirmModelForm, confirm.confirmModel);

export const startAdoption = staffAction(
  "databases.manage",
  z.intersection(contract.databaseId, consentSchema),
  (actor, { databaseId, ...consent }) => apply.startAdoption(actor, databaseId, consent),
);

export const startRemoval = staffAction(
  "databases.manage",
  z.intersection(contract.databaseId, consentSchema),
  (actor, { databaseId, ...consent }) => remove.startRemoval(actor, databaseId, consent),
);

export const startTenantSync = staffAction("databases.manage", contract.databaseId, (actor, { databaseId }) =>
  startSync.startTenantSync(actor, databaseId),
);
