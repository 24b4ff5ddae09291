import pg from "pg";
import type { Actor } from "../../actor.ts";
import { connectOnce } from "../../connection.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import { closePool } from "../../fleet-pools.ts";
import { openServer } from "../../fleet-register.ts";
import { dropSchema } from "../../managed/drop-schema.ts";
import { foreignKeysOf } from "../../managed/foreign-keys.ts";
import { removePlacement } from "../../managed/moving/gate.ts";
import { patiently } from "../../managed/patiently.ts";
import { identifier, relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { type LivingTenant, speakPlainly, type Tally, type TenantTable, tablesOf, tally } from "./tables.ts";

/**
 * Removes everything of a tenant where it lives, if it is still what was archived, or planned to be deleted. Doing it again changes
 * nothing. The row that lists it goes in the same transaction, or, for a database of its own, just before.
 */
export async function dropTenant(
  actor: Actor,
  tenant: LivingTenant,
  expected: Record<string, Tally>,
  reason: string,
): Promise<void> {
  const tables = await tablesOf(tenant);
  const options = { reason, tenantId: tenant.key, limits: limits.long };
  if (tenant.tier === "database") {
    if (tenant.databaseId === tenant.homeDatabaseId) throw new TypeError("A tenant's own database lists no others.");
    await inDatabase(actor, tenant.homeDatabaseId, (client) => deleteListing(client, tenant), options);
    await dropDatabase(tenant);
    return;
  }
  await inDatabase(
    actor,
    tenant.databaseId,
    async (client) => {
      await client.query("SET LOCAL row_security = off");
      if (await isGone(client, tenant)) return;
      await speakPlainly(client);
      await refuseChanged(client, tables, expected);
      if (tenant.tier === "schema") await dropPatiently(client, tenant.schema);
      else await deleteRows(client, tables);
      await deleteListing(client, tenant);
      await client.query("DELETE FROM caretaker.suspended_tenants WHERE tenant_key = $1", [tenant.key]);
    },
    options,
  );
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

async function refuseChanged(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  expected: Record<string, Tally>,
): Promise<void> {
  for (const table of tables) {
    const name = `${table.schema}.${table.name}`;
    const [found, known] = [await tally(client, table), expected[name]];
    if (found.rows === known?.rows && found.hash === known.hash) continue;
    throw new Refusal("stale_plan", `Rows of ${name} have changed since they were counted.`, {
      fix: "Nothing was removed. Plan it again.",
    });
  }
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

function listing({ tenantsTable, key }: LivingTenant): string {
  return `FROM ${relation(tenantsTable.schema, tenantsTable.table)} WHERE ${identifier(tenantsTable.key)}::text = ${pg.escapeLiteral(key)}`;
}

async function isGone(client: pg.ClientBase, tenant: LivingTenant): Promise<boolean> {
  return (await client.query(`SELECT ${listing(tenant)}`)).rowCount === 0;
}

async function deleteListing(client: pg.ClientBase, tenant: LivingTenant): Promise<void> {
  await client.query("SET LOCAL row_security = off");
  await client.query(`DELETE ${listing(tenant)}`);
  await removePlacement(client, tenant.key);
}

async function dropDatabase({ serverId, databaseId, databaseName }: LivingTenant): Promise<void> {
  await closePool(databaseId);
  const server = await openServer(serverId);
  const client = await connectOnce(server, "postgres");
  try {
    await client.query("SET statement_timeout = '60s'");
    await client.query(`DROP DATABASE IF EXISTS ${identifier(databaseName)} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
