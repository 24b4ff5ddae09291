import type { Actor } from "#db/actor.ts";
import { controlPool } from "#db/control.ts";
import { type TenantFilter, tenantFilter, tenantSorts } from "#db/tenants/contract.ts";
import { countTenants, listTenants } from "#db/tenants/list.ts";
import { freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import { type Ask, timeKinds } from "../audit-read/time.ts";
import type { BenchTable } from "../bench.ts";

const chunk = 10_000;

/** Tenants as a fleet has them: most small and shared, some in schemas, few in databases of their own. */
export async function fillTenants(count: number): Promise<void> {
  const databaseId = await registerDatabase(await freshDatabase());
  for (let from = 1; from <= count; from += chunk) await fillChunk(databaseId, from, Math.min(count, from + chunk - 1));
  await controlPool().query("ANALYZE tenants, placements");
}

async function fillChunk(databaseId: string, from: number, to: number): Promise<void> {
  await controlPool().query(
    `INSERT INTO tenants (home_database_id, key, slug, name, status, size_bytes, growth_bytes, writes, last_active_at, advised_tier, advised_since, created_at)
     SELECT $1, n::text, 'slug-' || n, 'Tenant ' || md5(n::text), CASE WHEN n % 200 = 0 THEN 'suspended' ELSE 'active' END,
            CASE WHEN n % 50 <> 0 THEN (n::bigint * 7919) % 100000000 END, (n * 31) % 5000 - 1000, n % 900,
            now() - (n % 400) * interval '1 day', CASE WHEN n % 500 = 0 THEN 'schema' END, CASE WHEN n % 500 = 0 THEN now() END,
            now() - n * interval '1 minute'
       FROM generate_series($2::int, $3::int) AS n`,
    [databaseId, from, to],
  );
  await controlPool().query(
    `INSERT INTO placements (tenant_id, tier, database_id, schema, state)
     SELECT id, CASE WHEN key::int % 1000 = 0 THEN 'database' WHEN key::int % 50 = 0 THEN 'schema' ELSE 'shared' END,
            home_database_id, 'public', 'open'
       FROM tenants WHERE home_database_id = $1 AND key::int BETWEEN $2 AND $3`,
    [databaseId, from, to],
  );
}

/** As the screen asks: the page and its count together. */
export async function timeTenants(actor: Actor): Promise<{ list_p95_ms: number; table: BenchTable }> {
  const ask = (kind: string, filter: Partial<TenantFilter>, cursor?: string): Ask => {
    const whole = { ...tenantFilter.parse({}), ...filter };
    return { kind, run: () => Promise.all([listTenants(actor, whole, cursor), countTenants(actor, whole)]) };
  };
  const first = await listTenants(actor, tenantFilter.parse({ sort: "-size" }));
  const { worst, table } = await timeKinds("The list of tenants", [
    ...tenantSorts.map((sort) => ask("first page, by any order", { sort })),
    ask("second page", { sort: "-size" }, first.next ?? undefined),
    ask("in a database of its own", { tier: "database" }),
    ask("in a schema of its own", { tier: "schema", sort: "-size" }),
    ask("suspended", { status: "suspended" }),
    ask("advised to move", { advised: "any" }),
    ask("idle for a year", { idle: 365, sort: "-size" }),
    ask("larger than 50 MB", { larger: 50_000_000 }),
    ask("search: part of a name", { q: "c0ffee" }),
    ask("search: a slug", { q: "slug-4711" }),
    ask("search: nothing", { q: "no tenant has this" }),
  ]);
  return { list_p95_ms: worst, table };
}
