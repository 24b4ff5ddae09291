import pg from "pg";
import type { Actor } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import { dropSchema } from "../../managed/drop-schema.ts";
import { foreignKeysOf } from "../../managed/foreign-keys.ts";
import { removePlacement } from "../../managed/moving/gate.ts";
import { patiently } from "../../managed/patiently.ts";
import { relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { lockAgainstWrites, refuseChanged, refuseHeld } from "./changed.ts";
import { dropDatabase } from "./drop-database.ts";
import { ownRow } from "./own-row.ts";
import { type LivingTenant, speakPlainly, type Tally, type TenantTable, tablesOf } from "./tables.ts";

/**
 * Removes everything of a tenant where it lives, if it is still what was archived, or planned to be deleted, and the row that lists it
 * where it is listed. Doing it again changes nothing: what is gone already is passed over.
 */
export async function dropTenant(
  actor: Actor,
  tenant: LivingTenant,
  expected: Record<string, Tally>,
  reason: string,
): Promise<void> {
  const tables = await tablesOf(tenant);
  const options = { reason, tenantId: tenant.key, limits: limits.long };
  const atHome = (work: (client: pg.PoolClient) => Promise<void>): Promise<void> =>
    inDatabase(actor, tenant.homeDatabaseId, work, options);
  if (tenant.tier === "database") {
    // Rolled back with the row that lists it when the database cannot be dropped.
    const unlisted = (drop: () => Promise<void>) =>
      atHome(async (home) => {
        await unlist(home, tenant);
        await drop();
      });
    await dropDatabase(tenant, tables, expected, unlisted);
    return;
  }
  // One snapshot for shared tables, so that a row that came after the count is not taken for a counted one.
  const isolation = tenant.tier === "shared" ? ("REPEATABLE READ" as const) : ("READ COMMITTED" as const);
  await inDatabase(
    actor,
    tenant.databaseId,
    async (client) => {
      await client.query("SET LOCAL row_security = off");
      await speakPlainly(client);
      if (await isThere(client, tenant, tables)) await removeRows(client, tenant, tables, expected);
      await removePlacement(client, tenant.key, tenant.schema);
      await client.query("DELETE FROM caretaker.suspended_tenants WHERE tenant_key = $1", [tenant.key]);
      if (tenant.databaseId === tenant.homeDatabaseId) await unlist(client, tenant);
      else await atHome((home) => unlist(home, tenant));
    },
    { ...options, isolation },
  );
}

async function isThere(client: pg.ClientBase, tenant: LivingTenant, tables: readonly TenantTable[]): Promise<boolean> {
  if (tenant.tier === "schema") {
    const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [tenant.schema]);
    return rowCount === 1;
  }
  for (const { schema, name, condition } of [ownRow(tenant), ...tables]) {
    const { rowCount } = await client.query(
      `SELECT FROM ${relation(schema, name)} caretaker_row WHERE ${condition} LIMIT 1`,
    );
    if (rowCount === 1) return true;
  }
  return false;
}

async function removeRows(
  client: pg.PoolClient,
  tenant: LivingTenant,
  tables: readonly TenantTable[],
  expected: Record<string, Tally>,
): Promise<void> {
  await refuseHeld(client);
  if (tenant.tier === "schema") await patiently(`the schema ${tenant.schema}`, lockAgainstWrites(client, tables));
  await refuseChanged(client, tables, expected);
  if (tenant.tier === "schema") await dropPatiently(client, tenant.schema);
  else await deleteRows(client, tables);
}

/** Within the transaction that counted its rows, so that nothing is counted again for a lock that was not had. */
async function dropPatiently(client: pg.PoolClient, schema: string): Promise<void> {
  await patiently(`the schema ${schema}`, async (lockTimeoutMs) => {
    await client.query(`SAVEPOINT dropping; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    try {
      await dropSchema(client, schema);
    } catch (error) {
      await client.query("ROLLBACK TO SAVEPOINT dropping");
      throw error;
    }
  });
}

/** Children before their parents, as the foreign keys say. */
async function deleteRows(client: pg.PoolClient, tables: readonly TenantTable[]): Promise<void> {
  const keys = await foreignKeysOf(
    client,
    tables.map(({ schema, name }) => ({ schema, table: name })),
  );
  const done = new Set<TenantTable>();
  const visit = (table: TenantTable, above: readonly TenantTable[]): void => {
    if (done.has(table) || above.includes(table)) return;
    const children = tables.filter((one) =>
      keys.some(
        (key) =>
          key.schema === one.schema &&
          key.table === one.name &&
          key.parent.schema === table.schema &&
          key.parent.table === table.name,
      ),
    );
    for (const child of children) visit(child, [...above, table]);
    done.add(table);
  };
  for (const table of tables) visit(table, []);
  for (const { schema, name, condition } of done) {
    await client.query(`DELETE FROM ${relation(schema, name)} caretaker_row WHERE ${condition}`);
  }
}

/** Takes the tenant out of the database that lists it, which also says where it lives and what refuses it. */
async function unlist(home: pg.PoolClient, tenant: LivingTenant): Promise<void> {
  await home.query("SET LOCAL row_security = off");
  const { schema, name, condition } = ownRow(tenant);
  await home.query(`DELETE FROM ${relation(schema, name)} caretaker_row WHERE ${condition}`).catch(explained);
  await removePlacement(home, tenant.key);
  await home.query("DELETE FROM caretaker.suspended_tenants WHERE tenant_key = $1", [tenant.key]);
}

/** Rows that were written a moment ago, or that the model does not know, may lead to the row that lists the tenant. */
function explained(error: unknown): never {
  if (!(error instanceof pg.DatabaseError) || error.code !== "23503") throw error;
  throw new Refusal("conflict", `Rows of ${error.schema}.${error.table} still lead to the tenant.`, {
    fix: "Nothing was removed. Look at that table's rows, and at its class under Databases, then plan it again.",
    cause: error,
  });
}
