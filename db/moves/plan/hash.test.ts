import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { systemActor } from "../../mint.ts";
import { freshControl, freshDatabase } from "../../testing/databases.ts";
import { registerDatabase } from "../../testing/register.ts";
import type { PlanMove } from "../contract.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { startMove } from "../verbs/start.ts";
import { planMove } from "./plan.ts";

const actor = systemActor("plan hash test");
let shop: Shop;
let elsewhere: string;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(3, 100);
  // Named so that it comes before what it points to, whose order is that of its foreign keys.
  await shop.client.query(`
    CREATE TABLE left_parts (id serial PRIMARY KEY, tenant_id integer NOT NULL);
    CREATE TABLE right_parts (id serial PRIMARY KEY, tenant_id integer NOT NULL);
    CREATE TABLE assemblies (
      id serial PRIMARY KEY, tenant_id integer NOT NULL,
      l integer CONSTRAINT z_left REFERENCES left_parts, r integer CONSTRAINT a_right REFERENCES right_parts);
    GRANT ALL ON left_parts, right_parts, assemblies TO ${shop.role};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${shop.role}`);
  for (const name of ["left_parts", "right_parts", "assemblies"]) {
    await controlPool().query(
      `INSERT INTO managed_tables (database_id, schema, name, class, reason, tenant_column, primary_key, audited, masked_columns, ignored_columns)
       VALUES ($1, 'public', $2, 'tenant', 'Made for a test.', 'tenant_id', '{id}', false, '{}', '{}')`,
      [shop.id, name],
    );
  }
  const other = await registerDatabase(await freshDatabase());
  const { rows } = await controlPool().query("SELECT server_id FROM databases WHERE id = $1", [other]);
  elsewhere = rows[0].server_id;
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

/** Within the database, and to one that is to be made on another server, where shared tables go along. */
async function hashes(): Promise<string[]> {
  const tenantId = shop.tenants.get("1") ?? "";
  const places: PlanMove[] = [
    { tenantId, tier: "schema" },
    { tenantId, tier: "database", serverId: elsewhere },
  ];
  const made: string[] = [];
  for (const place of places) made.push((await planMove(actor, place)).hash);
  return made;
}

test("a plan stays the one that was shown while the application writes and statistics are gathered", async () => {
  const before = await hashes();
  const client = new pg.Client(shop.applicationUrl);
  await client.connect();
  await client.query(`
    SELECT set_config('app.current_tenant_id', '1', false);
    INSERT INTO customers (tenant_id, email, country) SELECT 1, 'new' || n || '@example.com', 'de' FROM generate_series(1, 3000) n;
    INSERT INTO orders (tenant_id, note) SELECT 1, 'new ' || n FROM generate_series(1, 20000) n;
    UPDATE orders SET note = 'changed' WHERE id % 2 = 0;
    DELETE FROM notes WHERE tenant_id = 1;
    INSERT INTO left_parts (tenant_id) SELECT 1 FROM generate_series(1, 500);
    INSERT INTO assemblies (tenant_id, l) SELECT 1, id FROM left_parts;
    SELECT nextval('orders_id_seq') FROM generate_series(1, 1000)`);
  await client.end();
  expect(await hashes()).toEqual(before);
  await shop.client.query("ANALYZE");
  await shop.client.query("VACUUM FULL orders");
  expect(await hashes()).toEqual(before);
});

test("a plan does not follow the order in which the catalog keeps constraints", async () => {
  const before = await hashes();
  const order = (await planMove(actor, { tenantId: shop.tenants.get("1") ?? "", tier: "schema" })).tables;
  expect(order.findIndex(({ name }) => name === "assemblies")).toBeGreaterThan(0);
  // As PostgreSQL reads them once they are many, by an index and so by name; of a few it takes them as they were made.
  const name = new URL(shop.url).pathname.slice(1);
  for (const way of ["seqscan", "bitmapscan", "hashjoin", "mergejoin"]) {
    await shop.client.query(`ALTER DATABASE ${name} SET enable_${way} = off`);
  }
  await closeFleet();
  expect(await hashes()).toEqual(before);
});

test("what a server was seen to hold, and what is said of its disk, makes no other plan", async () => {
  const before = await hashes();
  await controlPool().query("UPDATE servers SET disk_bytes = 1000000000");
  expect(await hashes()).toEqual(before);
  for (const bytes of [100_000_000, 800_000_000, 999_999_999]) {
    await controlPool().query(
      "INSERT INTO server_samples (server_id, used_bytes, active_ms, sampled_at) SELECT id, $1, 0, clock_timestamp() FROM servers",
      [bytes],
    );
    expect(await hashes()).toEqual(before);
  }
});

test("what blocks a move since its plan was shown is named at the start", async () => {
  const input = { tenantId: shop.tenants.get("2") ?? "", tier: "schema" as const };
  await controlPool().query("DELETE FROM server_samples");
  const { hash } = await planMove(actor, input);
  const { rows } = await shop.client.query(
    "INSERT INTO orders (tenant_id, customer_id) SELECT 2, id FROM customers WHERE tenant_id = 3 LIMIT 1 RETURNING id",
  );
  const start = () => startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  await expect(start()).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("different tenants"),
  });
  await shop.client.query("DELETE FROM orders WHERE id = $1", [rows[0].id]);
  expect((await planMove(actor, input)).hash).toBe(hash);
});
