import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { enqueue } from "../jobs/enqueue.ts";
import type { PathStep } from "../schema/fleet.ts";
import { limits } from "../transaction.ts";
import type { SizeTenants, Tier } from "./contract.ts";
import { readOwnTables } from "./pages.ts";
import { type SharedTable, sampleTable } from "./sample.ts";
import type { MeasuredTable } from "./store-sizes.ts";

/** Queues a measurement of every tenant that lives in a database. Returns the job's id. */
export async function sizeTenants(actor: Actor, input: SizeTenants): Promise<{ jobId: string }> {
  authorise(actor, "tenants.write");
  const { rows } = await controlPool().query<{ name: string }>(
    "SELECT name FROM databases WHERE id = $1 AND adopted_at IS NOT NULL AND released_at IS NULL",
    [input.databaseId],
  );
  const [database] = rows;
  if (!database) throw new Refusal("not_found", "No adopted database has this id.", { fix: "Reload the list." });
  const title = `Sizes of the tenants of ${database.name}`;
  return { jobId: await enqueue(actor, { kind: "tenants.size", title, input: { databaseId: input.databaseId } }) };
}

export interface PlacedTenant {
  id: string;
  key: string;
  tier: Tier;
  schema: string;
}

export async function placedTenants(databaseId: string): Promise<PlacedTenant[]> {
  const { rows } = await controlPool().query<PlacedTenant>(
    `SELECT t.id, t.key, p.tier, p.schema
       FROM tenants t
       JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
      WHERE p.database_id = $1
      ORDER BY t.id`,
    [databaseId],
  );
  return rows;
}

/** The tables that tenants of the shared tier have rows in, each with its way to the tenant's key. */
export async function sharedTables(databaseId: string): Promise<SharedTable[]> {
  const { rows } = await controlPool().query<{
    schema: string;
    name: string;
    tenantColumn: string | null;
    path: PathStep[];
  }>(
    `SELECT m.schema, m.name, m.tenant_path AS path,
            CASE WHEN m.class = 'tenant' THEN m.tenant_column ELSE last.tenant_column END AS "tenantColumn"
       FROM managed_tables m
       LEFT JOIN managed_tables last
              ON last.database_id = m.database_id
             AND last.schema = m.tenant_path -> -1 ->> 'schema'
             AND last.name = m.tenant_path -> -1 ->> 'table'
      WHERE m.database_id = $1 AND m.class IN ('tenant', 'child') AND m.tenant_constant IS NULL
        AND NOT EXISTS (SELECT
                          FROM placements p
                         WHERE p.database_id = m.database_id AND p.tier = 'schema' AND p.state = 'open'
                           AND p.schema = m.schema)
      ORDER BY m.schema, m.name`,
    [databaseId],
  );
  return rows.flatMap(({ tenantColumn, ...table }) => (tenantColumn ? [{ ...table, tenantColumn }] : []));
}

/** One shared table, divided among the tenants that live in the shared tier. */
export async function measureShared(
  databaseId: string,
  table: SharedTable,
  tenants: readonly PlacedTenant[],
): Promise<MeasuredTable[]> {
  const idByKey = new Map(tenants.map((tenant) => [tenant.key, tenant.id]));
  const shares = await withDatabase(
    databaseId,
    async (client) => {
      // Where a policy would hide rows, this fails instead of measuring too little.
      await client.query("SET LOCAL row_security = off");
      return await sampleTable(client, table);
    },
    { limits: limits.long },
  );
  return shares.flatMap(({ key, ...share }) => {
    const tenantId = idByKey.get(key);
    return tenantId ? [{ tenantId, schema: table.schema, name: table.name, ...share }] : [];
  });
}

/** The tenants with tables of their own. */
export async function measureOwn(databaseId: string, tenants: readonly PlacedTenant[]): Promise<MeasuredTable[]> {
  if (tenants.length === 0) return [];
  const inSchemas = new Map(tenants.filter(({ tier }) => tier === "schema").map(({ id, schema }) => [schema, id]));
  const alone = tenants.find(({ tier }) => tier === "database");
  const tables = await withDatabase(
    databaseId,
    (client) => readOwnTables(client, alone ? null : [...inSchemas.keys()]),
    { limits: limits.long },
  );
  return tables.flatMap((table) => {
    const tenantId = inSchemas.get(table.schema) ?? alone?.id;
    return tenantId ? [{ tenantId, ...table, method: "pages" as const, errorRatio: null }] : [];
  });
}
