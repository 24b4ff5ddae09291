import { randomUUID } from "node:crypto";
import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { type Working, work } from "../jobs/work.ts";
import { ownName } from "../managed/own-name.ts";
import { moveJobs } from "../moves/jobs.ts";
import { planMove } from "../moves/plan/plan.ts";
import { completeByTwo } from "../moves/testing/complete.ts";
import { openShop, type Shop } from "../moves/testing/shop.ts";
import { untilState } from "../moves/testing/until.ts";
import { cutOverMove, reverseMove } from "../moves/verbs/act.ts";
import { startMove } from "../moves/verbs/start.ts";
import { makeJobs } from "../tenants/make/job.ts";
import { planTenant } from "../tenants/make/plan.ts";
import { attempt } from "../tenants/make/testing.ts";
import { captureTable } from "./adopted.ts";
import { freshControl } from "./databases.ts";
import { person } from "./people.ts";

let administrator: Actor;
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  shop = await openShop(2, 40);
  await shop.client.query(`
    CREATE TABLE tickets (id serial PRIMARY KEY, tenant_id integer NOT NULL, what text);
    CREATE TABLE colours (id bigserial PRIMARY KEY, name text);
    INSERT INTO tickets (tenant_id, what) SELECT 1, 'shared ' || n FROM generate_series(1, 40) n;
    INSERT INTO colours (name) VALUES ('red'), ('green')`);
  for (const [name, kind, column] of [
    ["tickets", "tenant", "tenant_id"],
    ["colours", "reference", null],
  ] as const) {
    await captureTable(shop.client, name);
    await controlPool().query(
      `INSERT INTO managed_tables (database_id, schema, name, class, reason, tenant_column, tenant_path, primary_key, audited, masked_columns, ignored_columns)
       VALUES ($1, 'public', $2, $3, 'Made for a test.', $4, '[]', '{id}', true, '{}', '{}')`,
      [shop.id, name, kind, column],
    );
  }
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 20 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

type Tier = "schema" | "database";

async function created(tier: Tier, key: string): Promise<string> {
  const [making] = makeJobs;
  if (!making) throw new Error("There is no kind of job that makes tenants.");
  const tenantId = randomUUID();
  const asked = { databaseId: shop.id, tier, name: `Tenant ${key}`, values: { id: key } };
  const { hash } = await planTenant(administrator, asked, tenantId);
  const input = { ...asked, tenantId, planHash: hash };
  await attempt(making, { id: tenantId, actor: administrator, input }, new Map());
  return tenantId;
}

/** Connected where a tenant was made apart, or to the database that it moved to. */
async function inside(tenantId: string, tier: Tier, database = ownName(tenantId)): Promise<pg.Client> {
  const url = new URL(shop.url);
  if (tier === "database") url.pathname = `/${database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query(`SET search_path = ${tier === "schema" ? ownName(tenantId) : "public"}`);
  return client;
}

/** In every table, as many as a shared tenant writes meanwhile. */
async function writeRows(client: pg.Client, key: string): Promise<void> {
  await client.query(`
    INSERT INTO customers (tenant_id, email) SELECT ${key}, gen_random_uuid() FROM generate_series(1, 30);
    INSERT INTO orders (tenant_id, note) SELECT ${key}, 'note ' || n FROM generate_series(1, 30) n;
    INSERT INTO lines SELECT id, 1, 'line' FROM orders WHERE tenant_id = ${key} AND note LIKE 'note %' ON CONFLICT DO NOTHING;
    INSERT INTO tickets (tenant_id, what) SELECT ${key}, 'ticket ' || n FROM generate_series(1, 30) n`);
}

/** Answers the move's id. */
async function moved(tenantId: string, tier: Tier | "shared"): Promise<string> {
  const plan = await planMove(administrator, { tenantId, tier });
  expect(plan.problems.filter(({ severity }) => severity === "blocking")).toEqual([]);
  const asked = { tenantId, tier, planHash: plan.hash, cutover: "asked" as const, graceHours: 0 };
  const { moveId } = await startMove(administrator, asked);
  await untilState(moveId, "ready");
  await cutOverMove(administrator, { moveId });
  await untilState(moveId, "moved");
  return moveId;
}

async function shared(): Promise<Record<string, bigint>> {
  const { rows } = await shop.client.query<{ name: string; last: string }>(
    "SELECT sequencename AS name, last_value::text AS last FROM pg_sequences WHERE schemaname = 'public'",
  );
  return Object.fromEntries(rows.map(({ name, last }) => [name, BigInt(last)]));
}

test("tenants that were made apart come into the shared tables with the ids that they drew, and nobody else had them", async () => {
  const apart = [
    { tier: "database" as const, key: "11" },
    { tier: "database" as const, key: "12" },
    { tier: "schema" as const, key: "13" },
    { tier: "schema" as const, key: "14" },
  ];
  for (const { tier, key } of apart) {
    const tenantId = await created(tier, key);
    const client = await inside(tenantId, tier);
    await writeRows(client, key);
    await client.end();
    await writeRows(shop.client, "1");
    await moved(tenantId, "shared");
  }
  const { rows } = await shop.client.query(
    `SELECT t.id AS key, (SELECT count(*)::int FROM customers WHERE tenant_id = t.id) AS customers,
            (SELECT count(*)::int FROM tickets WHERE tenant_id = t.id) AS tickets
       FROM tenants t WHERE t.id > 10 ORDER BY 1`,
  );
  expect(rows).toEqual(apart.map(({ key }) => ({ key: Number(key), customers: 30, tickets: 30 })));
});

test("where each draws its ids: wide ones from blocks, narrow ones from what the shared sequence leaves out", async () => {
  const { rows: before } = await shop.client.query<{ last: string }>("SELECT last_value AS last FROM tickets_id_seq");
  const idIn = async (client: pg.Client, key: number): Promise<number> => {
    const { rows } = await client.query<{ id: number }>("INSERT INTO tickets (tenant_id) VALUES ($1) RETURNING id", [
      key,
    ]);
    return rows[0]?.id ?? 0;
  };
  const client = await inside(await created("database", "21"), "database");
  const mine = await idIn(client, 21);
  const { rows: wide } = await client.query<{ table: string; last: string }>(
    "SELECT sequencename AS table, last_value AS last FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
  );
  await client.end();
  const theirs = await idIn(shop.client, 1);
  expect(mine).toBeGreaterThan(Number(before[0]?.last));
  expect(theirs - mine).toBeGreaterThanOrEqual(100_000);
  expect(theirs - Number(before[0]?.last)).toBeLessThan(102_000);
  const blocks = wide.filter(({ table }) => table !== "tickets_id_seq");
  expect(blocks.map(({ table }) => table)).toEqual(["colours_id_seq", "customers_id_seq", "orders_id_seq"]);
  expect(blocks.map(({ last }) => BigInt(last) >= 10n ** 15n && BigInt(last) % 10n ** 9n === 0n)).toEqual([
    true,
    true,
    true,
  ]);
});

test("a tenant whose own schema draws from the shared sequences leaves them where they are when it comes back there", async () => {
  const tenantId = await created("schema", "31");
  const client = await inside(tenantId, "schema");
  const before = await shared();
  const moveId = await moved(tenantId, "shared");
  await writeRows(shop.client, "31");
  await reverseMove(administrator, { moveId });
  await untilState(moveId, "ready");
  await writeRows(client, "31");
  await client.end();
  await writeRows(shop.client, "1");
  const after = await shared();
  for (const name of ["orders_id_seq", "tickets_id_seq"]) expect(after[name]).toBe((before[name] ?? 0n) + 90n);
});

test("a tenant whose own schema draws from the shared sequences goes to its own database with ids of its own, and from there to the shared tables", async () => {
  const tenantId = await created("schema", "41");
  const away = await moved(tenantId, "database");
  await completeByTwo(away);
  const { to } = await untilState(away, "completed");
  const client = await inside(tenantId, "database", to.databaseName);
  await writeRows(client, "41");
  await client.query(`SET ROLE ${shop.role}; SET app.current_tenant_id = '41'`);
  await client.query("INSERT INTO orders (tenant_id, note) VALUES (41, 'as the application')");
  await client.end();
  await writeRows(shop.client, "1");
  await moved(tenantId, "shared");
  const { rows } = await shop.client.query("SELECT count(*)::int FROM tickets WHERE tenant_id = 41");
  expect(rows).toEqual([{ count: 30 }]);
});
