import pg from "pg";
import type { Actor } from "../../actor.ts";
import { inDatabase, withDatabase } from "../../fleet.ts";
import { makeOwnDatabase } from "../../managed/own-database.ts";
import { identifier, relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { copyRows } from "./copy-rows.ts";
import { type DatabasePlan, planDatabase, readTargetServer } from "./database-tier.ts";
import { onServer } from "./plan.ts";
import { runAll } from "./schema-tier.ts";
import type { Source } from "./source.ts";

interface Place {
  serverId: string;
  name: string;
  tenantKey: string;
}

/** Its name comes from the tenant's id, so that one of this name can only be this tenant's. */
export async function createDatabase(source: Source, { serverId, name, tenantKey }: Place): Promise<void> {
  await onServer(serverId, source, async (server) => {
    const target = await readTargetServer(server);
    const { create } = await withDatabase(
      source.databaseId,
      (client) => planDatabase(client, source, { name, tenantKey, server: target }),
      { limits: limits.long },
    );
    await makeOwnDatabase(server, name, create);
  });
}

/** Tables, the rows that every tenant uses, and Caretaker, in one transaction: all of it, or none. */
export async function fillDatabase(
  actor: Actor,
  source: Source,
  databaseId: string,
  { name, tenantKey }: Place,
): Promise<{ rows: number }> {
  return await inDatabase(
    actor,
    databaseId,
    async (client) => {
      const { rows } = await client.query<{ done: boolean }>(
        "SELECT to_regclass('caretaker.installed') IS NOT NULL AS done",
      );
      if (rows[0]?.done) return { rows: 0 };
      const server = await readTargetServer(client);
      return await withDatabase(
        source.databaseId,
        async (from) => {
          const plan = await planDatabase(from, source, { name, tenantKey, server });
          await runAll(client, plan.before);
          await copyShared(from, client, plan);
          await runAll(client, plan.after);
          return { rows: plan.rows.length };
        },
        { limits: limits.long },
      );
    },
    { limits: limits.long },
  );
}

async function copyShared(from: pg.PoolClient, to: pg.PoolClient, plan: DatabasePlan): Promise<void> {
  // Where a policy would hide rows, this fails instead of copying too few.
  await from.query("SET LOCAL row_security = off");
  for (const table of plan.rows) await copyRows(from, to, table, null);
}

/** The tenant's row of the tenants table, which its own rows point to. */
export async function copyTenantRow(actor: Actor, source: Source, databaseId: string, key: string): Promise<void> {
  const { schema, table, key: column } = source.tenantsTable;
  await inDatabase(actor, databaseId, async (client) => {
    const name = relation(schema, table);
    const there = `SELECT FROM ${name} WHERE ${identifier(column)}::text = ${pg.escapeLiteral(key)}`;
    if ((await client.query(there)).rowCount === 1) return;
    await withDatabase(source.databaseId, async (from) => {
      await from.query("SET LOCAL row_security = off");
      await copyRows(from, client, { schema, name: table }, { column, value: key });
    });
  });
}
