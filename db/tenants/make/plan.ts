import { createHash } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import { connectOnce, faultOf } from "../../connection.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { openServer } from "../../fleet-register.ts";
import { ownName } from "../../managed/own-name.ts";
import type { Statement } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import type { PlanTenant, TenantPlan } from "../contract.ts";
import { planDatabase, readTargetServer } from "./database-tier.ts";
import { planSchema, readParts, type SchemaParts } from "./schema-tier.ts";
import { readSource, type Source } from "./source.ts";

/** Stands in the plan for the key that is drawn when it runs. */
const keyToCome = "the tenant's key";

/** Every statement that would make this tenant's schema or database. Nothing is changed. */
export async function planTenant(actor: Actor, input: PlanTenant, tenantId: string): Promise<TenantPlan> {
  authorise(actor, "tenants.write");
  if (input.tier === "database") authorise(actor, "databases.manage");
  const source = await readSource(input.databaseId);
  const name = ownName(tenantId);
  const { statements, problems } =
    input.tier === "schema" ? await schemaTier(source, name) : await databaseTier(source, name, input.serverId);
  return {
    tenantId,
    tier: input.tier,
    databaseName: source.databaseName,
    place: name,
    tables: source.own.length,
    statements,
    problems,
    hash: hashOf(input, statements),
  };
}

type Planned = Pick<TenantPlan, "statements" | "problems">;

function hashOf({ tier, serverId }: PlanTenant, statements: readonly Statement[]): string {
  return createHash("sha256")
    .update(JSON.stringify([tier, serverId ?? null, statements.map(({ sql }) => sql)]))
    .digest("hex");
}

/** Of a plan in a schema, as it would be shown now. */
export function schemaHash(parts: SchemaParts, source: Source, input: PlanTenant, schema: string): string {
  const { inside, outside, numbers } = planSchema(parts, source, schema, keyToCome);
  return hashOf(input, [...inside, ...outside, ...numbers]);
}

async function schemaTier(source: Source, schema: string): Promise<Planned> {
  const parts = await withDatabase(source.databaseId, (client) => readParts(client, source), { limits: limits.long });
  const { inside, outside, numbers, problems } = planSchema(parts, source, schema, keyToCome);
  return { statements: [...inside, ...outside, ...numbers], problems };
}

async function databaseTier(source: Source, name: string, serverId = source.serverId): Promise<Planned> {
  const server = await onServer(serverId, source, readTargetServer);
  const plan = await withDatabase(
    source.databaseId,
    (client) => planDatabase(client, source, { name, tenantKey: keyToCome, server }),
    { limits: limits.long },
  );
  const { create, before, rows, after, numbers, problems } = plan;
  const copies = rows.map(
    (table): Statement => ({
      sql: `COPY ${table.schema}.${table.name} FROM ${source.databaseName}`,
      object: `rows of ${table.schema}.${table.name}`,
      lock: "none",
      why: "Every tenant uses this table, so the new database needs its rows.",
      transactional: true,
    }),
  );
  return { statements: [...create, ...before, ...copies, ...after, ...numbers], problems };
}

/** Work on one connection to a server, outside any database of the fleet. */
export async function onServer<T>(
  serverId: string,
  source: Source,
  work: (client: Awaited<ReturnType<typeof connectOnce>>) => Promise<T>,
): Promise<T> {
  const server = await openServer(serverId);
  // A database that surely exists: the one that lists the tenant, or the one where that server is asked.
  const database = serverId === source.serverId ? source.databaseName : server.maintenanceDatabase;
  const client = await connectOnce(server, database).catch((error: unknown) => {
    const fault = faultOf(error, server, database);
    throw fault ? new Refusal("unreachable", fault.what, { fix: fault.fix, cause: error }) : error;
  });
  try {
    await client.query("SET statement_timeout = '60s'");
    return await work(client);
  } finally {
    await client.end();
  }
}
