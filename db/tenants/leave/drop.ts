import pg from "pg";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { dropSchema } from "../../managed/drop-schema.ts";
import { foreignKeysOf } from "../../managed/foreign-keys.ts";
import { removePlacement } from "../../managed/moving/gate.ts";
import { patiently } from "../../managed/patiently.ts";
import { relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { lockAgainstWrites, refuseChanged, refuseHeld, refuseRelisted } from "./changed.ts";
import { dropDatabase } from "./drop-database.ts";
import { ownRow } from "./own-row.ts";
import { type Counted, type LivingTenant, speakPlainly, type TenantTable, tablesOf } from "./tables.ts";

/**
 * Removes everything of a tenant where it lives, if it is still what was archived, or planned to be deleted, and the row that lists it
 * where it is listed. Doing it again changes nothing: what is gone already is passed over.
 */
export async function dropTenant(
  { actor, signal }: Pick<RunningJob, "actor" | "signal">,
  tenant: LivingTenant,
  counted: Counted,
  reason: string,
): Promise<void> {
  const options = { reason, tenantId: tenant.key, limits: limits.bulk, signal };
  const own = ownRow(tenant);
  const atHome = (drop: () => Promise<void>): Promise<void> =>
    inDatabase(
      actor,
      tenant.homeDatabaseId,
      async (home) => {
        await speakOpenly(home);
        await refuseRelisted(home, own, counted.listed);
        await unlist(home, tenant);
        await drop();
      },
      options,
    );
  if (tenant.tier === "database") {
    await dropDatabase(tenant, counted, signal, atHome);
    return;
  }
  const listsIt = tenant.databaseId === tenant.homeDatabaseId;
  // One snapshot for shared tables, so that a row that came after the count is not taken for a counted one.
  const isolation = tenant.tier === "shared" ? ("REPEATABLE READ" as const) : ("READ COMMITTED" as const);
  await inDatabase(
    actor,
    tenant.databaseId,
    async (client) => {
      await speakOpenly(client);
      if (listsIt) await refuseRelisted(client, own, counted.listed);
      const tables = await tablesOf(tenant);
      if (await isThere(client, tenant, tables)) await removeRows(client, tenant, tables, counted);
      await removePlacement(client, tenant.key, tenant.schema);
      await client.query("DELETE FROM caretaker.suspended_tenants WHERE tenant_key = $1", [tenant.key]);
      if (listsIt) await unlist(client, tenant);
      else await atHome(async () => {});
    },
    { ...options, isolation },
  );
}

/** Past what would hide rows, and in the same words on every connection. */
async function speakOpenly(client: pg.ClientBase): Promise<void> {
  await client.query("SET LOCAL row_security = off");
  await speakPlainly(client);
}

/** Whether an earlier attempt has not removed its rows already. */
async function isThere(client: pg.ClientBase, tenant: LivingTenant, tables: readonly TenantTable[]): Promise<boolean> {
  if (tenant.tier === "schema") {
    const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [tenant.schema]);
    return rowCount === 1;
  }
  for (const { schema, name, condition } of tables) {
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
  { tallies }: Counted,
): Promise<void> {
  await refuseHeld(client);
  if (tenant.tier === "schema") await patiently(`the schema ${tenant.schema}`, lockAgainstWrites(client, tables));
  await refuseChanged(client, tables, tallies);
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
