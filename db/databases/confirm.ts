import { and, eq, notInArray, sql } from "drizzle-orm";
import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { type Control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { databases, managedTables } from "../schema/fleet.ts";
import { limits } from "../transaction.ts";
import { readCatalog } from "./catalog.ts";
import { checkModel } from "./check-model.ts";
import type { ConfirmModel, DatabaseModel, TableModel } from "./contract.ts";
import { modelHash, readDatabaseRow, readStoredModel } from "./stored-model.ts";

/**
 * Records what an administrator says the database is. Nothing in the database itself changes; the plan is made from this.
 *
 * @throws Refusal `conflict` when the confirmed model is no longer the one of `basis`.
 */
export async function confirmModel(actor: Actor, { databaseId, model, basis }: ConfirmModel): Promise<void> {
  authorise(actor, "databases.manage");
  const catalog = await withDatabase(databaseId, readCatalog, { limits: limits.long });
  checkModel(model, catalog);
  await inControl(actor, async (tx, client) => {
    await lockDatabase(tx, databaseId);
    if (basis !== undefined) await checkBasis(tx, databaseId, basis);
    await checkGuests(client, databaseId, model);
    await checkHome(tx, databaseId, model.homeDatabaseId);
    const { tenantsTable, usersTable, applicationRole, ownTenantKey, homeDatabaseId } = model;
    await tx
      .update(databases)
      .set({ tenantsTable, usersTable, applicationRole, ownTenantKey, homeDatabaseId })
      .where(eq(databases.id, databaseId));
    const kept: string[] = [];
    for (const table of model.tables) kept.push(await keepTable(tx, databaseId, table));
    const gone = kept.length > 0 ? notInArray(managedTables.id, kept) : undefined;
    await tx.delete(managedTables).where(and(eq(managedTables.databaseId, databaseId), gone));
  });
}

async function checkBasis(tx: Control, databaseId: string, basis: string): Promise<void> {
  const { model } = await readStoredModel(databaseId, tx);
  if (modelHash(model) === basis) return;
  throw new Refusal("conflict", "Somebody has changed the confirmed model since this one was read.", {
    fix: "Open the model again, correct it as it is now, and confirm that.",
  });
}

/** A database knows tenants by their keys alone, and a tenant's own one is dropped with it: one with guests becomes neither. */
async function checkGuests(client: pg.PoolClient, databaseId: string, model: DatabaseModel): Promise<void> {
  if (!model.tenantsTable && model.ownTenantKey === null) return;
  const { rows } = await client.query<{ name: string; guest: string }>(
    `SELECT d.name, t.name AS guest
       FROM databases d
       JOIN placements p ON p.database_id = d.id AND p.tier = 'schema' AND p.state <> 'dropped'
       JOIN tenants t ON t.id = p.tenant_id AND t.home_database_id <> d.id
      WHERE d.id = $1 AND d.tenants_table IS NULL AND d.own_tenant_key IS NULL LIMIT 1`,
    [databaseId],
  );
  const [found] = rows;
  if (!found) return;
  throw new Refusal(
    "conflict",
    `${found.guest}, which another database lists, has a schema of its own in ${found.name}; with tenants of its own it could take one for the other.`,
    { fix: "Move that tenant away and complete the move first." },
  );
}

/** Two administrators who confirm at once wait for one another. */
export async function lockDatabase(tx: Control, databaseId: string): Promise<void> {
  await readDatabaseRow(databaseId, tx);
  await tx.select({ id: databases.id }).from(databases).where(eq(databases.id, databaseId)).for("update");
}

async function checkHome(tx: Control, databaseId: string, homeId: string | null): Promise<void> {
  if (homeId === null) return;
  const home = await readDatabaseRow(homeId, tx);
  if (home.id !== databaseId && home.ownTenantKey === null) return;
  throw new Refusal("invalid", "A tenant's own database is listed in another one, which holds many tenants.", {
    fix: "Choose the database whose tenants table lists this tenant.",
    fieldErrors: { homeDatabaseId: "Not a database that lists tenants." },
  });
}

async function keepTable(tx: Control, databaseId: string, table: TableModel): Promise<string> {
  const [row] = await tx
    .insert(managedTables)
    .values({ databaseId, ...table })
    .onConflictDoUpdate({
      target: [managedTables.databaseId, managedTables.schema, managedTables.name],
      set: { ...table, confirmedAt: sql`now()` },
    })
    .returning({ id: managedTables.id });
  if (!row) throw new Error(`The model of ${table.name} was not recorded.`);
  return row.id;
}
