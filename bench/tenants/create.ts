import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Actor } from "#db/actor.ts";
import { controlPool } from "#db/control.ts";
import { installStatements } from "#db/managed/install.ts";
import { makeJobs } from "#db/tenants/make/job.ts";
import { planTenant } from "#db/tenants/make/plan.ts";
import { attempt } from "#db/tenants/make/testing.ts";
import { freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import { quantile } from "../audit-read/time.ts";
import type { BenchTable } from "../bench.ts";

const rounds = 5;

/** From the plan that a person agreed to until the tenant's place is open, with a fresh connection as a worker has it. */
export async function timeCreation(
  actor: Actor,
  tables: number,
): Promise<{ figures: { create_schema_s: number; create_database_s: number }; table: BenchTable }> {
  const databaseId = await application(tables);
  const rows: (string | number)[][] = [];
  const typical = { schema: 0, database: 0 };
  for (const tier of ["schema", "database"] as const) {
    const times: number[] = [];
    for (let round = 1; round <= rounds; round++) times.push(await create(actor, databaseId, tier));
    typical[tier] = quantile(times, 0.5);
    rows.push([tier, rounds, typical[tier], Math.max(...times)]);
  }
  return {
    figures: { create_schema_s: typical.schema, create_database_s: typical.database },
    table: { title: `A tenant of ${tables} tables`, columns: ["tier", "rounds", "median s", "max s"], rows },
  };
}

async function create(actor: Actor, databaseId: string, tier: "schema" | "database"): Promise<number> {
  const asked = { databaseId, tier, name: `Bench ${randomUUID()}`, values: {} };
  const tenantId = randomUUID();
  const { hash } = await planTenant(actor, asked, tenantId);
  const [kind] = makeJobs;
  if (!kind) throw new Error("There is no kind of job that makes tenants.");
  const begun = performance.now();
  await attempt(kind, { id: tenantId, actor, input: { ...asked, tenantId, planHash: hash } }, new Map());
  return Math.round(performance.now() - begun) / 1_000;
}

/** A shared schema in which every table has the tenant's key, two indexes, a foreign key and row security. */
async function application(tables: number): Promise<string> {
  const url = await freshDatabase();
  const client = new pg.Client(url);
  await client.connect();
  const role = `bench_${randomUUID().slice(0, 8)}`;
  await client.query(`CREATE ROLE ${role}; CREATE TABLE tenants (id bigserial PRIMARY KEY, name text NOT NULL)`);
  for (let n = 1; n <= tables; n++) {
    const parent = n === 1 ? "" : `, parent_id bigint REFERENCES table_${n - 1}`;
    await client.query(
      `CREATE TABLE table_${n} (id bigserial PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants, title text, done boolean DEFAULT false, made_at timestamptz DEFAULT now()${parent});
       CREATE INDEX ON table_${n} (tenant_id, made_at); CREATE INDEX ON table_${n} (lower(title));
       GRANT SELECT, INSERT, UPDATE, DELETE ON table_${n} TO ${role}`,
    );
  }
  const owner = new URL(url).username;
  for (const { sql } of installStatements({ owner, createRoles: false })) await client.query(sql);
  await client.end();
  const databaseId = await registerDatabase(url, {
    applicationRole: role,
    tenantsTable: { schema: "public", table: "tenants", key: "id", name: "name", slug: null },
  });
  await controlPool().query(
    `INSERT INTO managed_tables (database_id, schema, name, class, reason, tenant_column, primary_key, audited, masked_columns, ignored_columns, row_security)
     SELECT $1::uuid, 'public', 'table_' || n, 'tenant', 'It has the key.', 'tenant_id', '{id}'::text[], true, '{}'::text[], '{}'::text[], true FROM generate_series(1, $2::int) AS n
      UNION ALL
     SELECT $1, 'public', 'tenants', 'tenant', 'It lists them.', 'id', '{id}', true, '{}', '{}', false`,
    [databaseId, tables],
  );
  return databaseId;
}
