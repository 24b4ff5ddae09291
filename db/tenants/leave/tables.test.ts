import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { relation } from "../../managed/statement.ts";
import { ownRow } from "./own-row.ts";
import { livingTenant, type TenantTable, tablesOf } from "./tables.ts";
import { openStage, type Stage } from "./testing.ts";

let stage: Stage;
let tenantId: string;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-tables-"));
  stage = await openStage();
  ({ id: tenantId } = await stage.tenantIn("shared", "Among many"));
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

async function planOf({ schema, name, condition }: TenantTable): Promise<string> {
  const { rows } = await stage.shop.client.query<{ "QUERY PLAN": string }>(
    `EXPLAIN SELECT FROM ${relation(schema, name)} caretaker_row WHERE ${condition}`,
  );
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

test.each([
  {
    type: "uuid",
    key: "00000000-0000-4000-8000-000000000042",
    made: "('00000000-0000-4000-8000-' || lpad((n % 2000)::text, 12, '0'))::uuid",
  },
  { type: "bigint", key: "42", made: "n % 2000" },
  { type: "text", key: "it's 42", made: "'it''s ' || n % 2000" },
])("a shared tenant's rows are found by an index where its key is $type", async ({ type, key, made }) => {
  const { client, databaseId } = stage.shop;
  await client.query(`
    CREATE SCHEMA by_${type};
    CREATE TABLE by_${type}.tenants (id ${type} PRIMARY KEY);
    CREATE TABLE by_${type}.things (id bigint PRIMARY KEY, tenant ${type});
    CREATE TABLE by_${type}.parts (id bigint PRIMARY KEY, thing bigint);
    INSERT INTO by_${type}.things SELECT n, ${made} FROM generate_series(1, 20000) AS n;
    INSERT INTO by_${type}.tenants SELECT DISTINCT tenant FROM by_${type}.things;
    INSERT INTO by_${type}.parts SELECT n, n FROM generate_series(1, 20000) AS n;
    CREATE INDEX ON by_${type}.things (tenant);
    CREATE INDEX ON by_${type}.parts (thing);
    ANALYZE by_${type}.tenants, by_${type}.things, by_${type}.parts`);
  await controlPool().query(
    `INSERT INTO managed_tables
       (database_id, schema, name, class, reason, tenant_column, tenant_path, primary_key, audited, masked_columns, ignored_columns)
     VALUES
       ($1, $2, 'things', 'tenant', 'It has the key.', 'tenant', '[]', '{id}', true, '{}', '{}'),
       ($1, $2, 'parts', 'child', 'Through things.', NULL, $3, '{id}', true, '{}', '{}')`,
    [
      databaseId,
      `by_${type}`,
      JSON.stringify([{ schema: `by_${type}`, table: "things", columns: ["thing"], parentColumns: ["id"] }]),
    ],
  );
  const tenantsTable = { schema: `by_${type}`, table: "tenants", key: "id", name: null, slug: null };
  const tenant = { ...(await livingTenant(tenantId)), key, tenantsTable };
  const tables = (await tablesOf(tenant)).filter(({ schema }) => schema === `by_${type}`);
  expect(tables.map(({ name }) => name)).toEqual(["parts", "things"]);
  for (const table of [...tables, ownRow(tenant)]) {
    const plan = await planOf(table);
    expect(plan).toContain("Index");
    expect(plan).not.toContain("Seq Scan");
    const { rowCount } = await client.query(
      `SELECT FROM ${relation(table.schema, table.name)} caretaker_row WHERE ${table.condition}`,
    );
    expect(rowCount).toBe(table.name === "tenants" ? 1 : 10);
  }
});
