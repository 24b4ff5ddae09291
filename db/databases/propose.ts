import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { withDatabase } from "../fleet.ts";
import { limits } from "../transaction.ts";
import { type Catalog, readCatalog } from "./catalog.ts";
import { chooseTenantsTable, classify, type Declared } from "./classify.ts";
import type { ProposedModel } from "./contract.ts";
import { readTenantSchemas } from "./tenant-schemas.ts";

/** Reads a database's catalog and suggests a class for every table, for an administrator to correct. */
export async function proposeModel(actor: Actor, databaseId: string, declared: Declared = {}): Promise<ProposedModel> {
  authorise(actor, "databases.manage");
  const read = async (client: pg.ClientBase) => suggest(client, await readCatalog(client, { sizes: true }), declared);
  return withDatabase(databaseId, read, { limits: limits.long });
}

async function suggest(client: pg.ClientBase, catalog: Catalog, declared: Declared): Promise<ProposedModel> {
  const tenantsTable = chooseTenantsTable(catalog, declared);
  const tenantSchemas = await readTenantSchemas(client, catalog, tenantsTable);
  return classify(catalog, { tenantsTable, tenantSchemas, ownTenantKey: declared.ownTenantKey ?? null }, declared);
}
