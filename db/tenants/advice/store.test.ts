import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { staffActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { tenantFilter } from "../contract.ts";
import { createTenant } from "../create.ts";
import { tenantCsv } from "../csv.ts";
import { describeTenant } from "../describe.ts";
import { openShop, type Shop } from "../fixture.ts";
import { tenantJobs } from "../jobs.ts";
import { listTenants } from "../list.ts";
import { makeJobs } from "../make/job.ts";
import { planTenant } from "../make/plan.ts";
import { attempt } from "../make/testing.ts";
import { listAdvice, simulateAdvice } from "./list.ts";
import { listRules, setAdviceRules } from "./set-rules.ts";

const administrator = staffActor({ staffId: randomUUID(), name: "Ada", role: "administrator" });
let shop: Shop;
let large: string;
let small: string;

beforeAll(async () => {
  await freshControl();
  shop = await openShop({ rowSecurity: true });
  const create = (name: string) =>
    createTenant(administrator, { databaseId: shop.databaseId, name, values: { plan: "paid" } });
  const [one, other] = [await create("=Large"), await create("Small")];
  [large, small] = [one.tenantId, other.tenantId];
  await shop.client.query(
    `INSERT INTO "My App".orders ("orgId", note) SELECT $1, repeat('x', 500) FROM generate_series(1, 5000)`,
    [one.key],
  );
  await shop.client.query(`INSERT INTO "My App".orders ("orgId", note) VALUES ($1, 'y')`, [other.key]);
  await shop.client.query(
    `INSERT INTO caretaker.audit_logs (id, transaction_id, created_at, tenant_id, action, resource_schema, resource_type)
     SELECT n, pg_current_xact_id(), now(), CASE WHEN n % 10 = 0 THEN $2 ELSE $1 END, 'create', 'My App', 'orders' FROM generate_series(1, 2000) AS n`,
    [one.key, other.key],
  );
  await measure();
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

async function measure(databaseId = shop.databaseId): Promise<void> {
  const size = tenantJobs.find(({ kind }) => kind === "tenants.size");
  if (!size) throw new Error("There is no kind of job that measures tenants.");
  await attempt(size, { id: randomUUID(), actor: administrator, input: { databaseId } }, new Map());
}

/** A tenant in a database of its own, as the console makes it. */
async function makeOwn(name: string): Promise<{ databaseId: string; url: string }> {
  const [make] = makeJobs;
  if (!make) throw new Error("There is no kind of job that makes tenants.");
  const asked = { databaseId: shop.databaseId, tier: "database" as const, name, values: { plan: "paid" } };
  const tenantId = randomUUID();
  const { hash: planHash } = await planTenant(administrator, asked, tenantId);
  await attempt(make, { id: tenantId, actor: administrator, input: { ...asked, tenantId, planHash } }, new Map());
  const { rows } = await controlPool().query<{ id: string; database: string }>(
    `SELECT d.id, d.name AS database FROM placements p JOIN databases d ON d.id = p.database_id
      WHERE p.tenant_id = $1 AND p.state = 'open'`,
    [tenantId],
  );
  const url = new URL(shop.url);
  url.pathname = `/${rows[0]?.database}`;
  return { databaseId: rows[0]?.id ?? "", url: url.href };
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  for (const one of sql.split("; ")) await client.query(one);
  await client.end();
}

async function setting(name: string): Promise<number> {
  const sql = "SELECT pg_size_bytes(current_setting($1))::float8 AS bytes";
  const { rows } = await shop.client.query<{ bytes: number }>(sql, [name]);
  return rows[0]?.bytes ?? 0;
}

test("a measurement tells sizes with their error, writes, their share and the last of them", async () => {
  const { rows } = await listTenants(administrator, tenantFilter.parse({ sort: "-writes" }));
  const [first, second] = rows;
  expect(first).toMatchObject({ id: large, writes: "1800", writeShare: expect.closeTo(0.9), sizeError: 0 });
  expect(second).toMatchObject({ id: small, writes: "200", writeShare: expect.closeTo(0.1) });
  expect(Number(first?.sizeBytes)).toBeGreaterThan(2_000_000);
  expect(first?.lastActiveAt).not.toBeNull();
});

test("growth is what was added a day since an earlier measurement", async () => {
  await controlPool().query(
    "UPDATE tenant_size_days SET day = current_date - 10, bytes = bytes - 1000 WHERE tenant_id = $1",
    [large],
  );
  await measure();
  const { rows } = await listTenants(administrator, tenantFilter.parse({ sort: "-growth" }));
  expect(rows.map(({ id, growthBytes }) => [id, growthBytes])).toEqual([
    [large, "100"],
    [small, null],
  ]);
});

test("a noisy tenant is advised to move, is due after the days that the rules ask, and a simulation says what that gives", async () => {
  const {
    rows: [advice, ...others],
  } = await listAdvice(administrator, {});
  expect(others).toEqual([]);
  expect(advice).toMatchObject({ tenantId: large, from: "shared", to: "schema", due: false });
  expect(advice?.reason).toBe("It makes 90 % of its database's writes, above 40 %.");
  await controlPool().query("UPDATE tenants SET advised_since = now() - interval '8 days' WHERE id = $1", [large]);
  await measure();
  expect((await listAdvice(administrator, {})).rows[0]?.due).toBe(true);
  const { databases } = await simulateAdvice(administrator, { tenants: [large] });
  expect(databases).toHaveLength(1);
  expect(databases[0]?.shrinks).toBeGreaterThan(0.9);
  expect((databases[0]?.tablesAfter ?? 0) - (databases[0]?.tablesBefore ?? 0)).toBe(3);
  expect(databases[0]).toMatchObject({ lack: null, bufferBytes: await setting("shared_buffers") });
  expect(databases[0]?.cacheBytes).toBe(await setting("effective_cache_size"));
});

test("a simulation counts what would come back into the shared tables", async () => {
  const put = async (tier: string, advised: string) => {
    await controlPool().query("UPDATE placements SET tier = $2 WHERE tenant_id = $1 AND state = 'open'", [large, tier]);
    await controlPool().query("UPDATE tenants SET advised_tier = $2 WHERE id = $1", [large, advised]);
  };
  await put("schema", "shared");
  const { databases } = await simulateAdvice(administrator, { tenants: [large] });
  expect(databases).toHaveLength(1);
  expect(databases[0]).toMatchObject({ leavingBytes: "0", shrinks: 0 });
  expect(Number(databases[0]?.arrivingBytes)).toBeGreaterThan(2_000_000);
  await put("shared", "schema");
});

test("rules of one's own hold at once, and must rise", async () => {
  const rules = {
    databaseId: shop.databaseId,
    sharedMegabytes: 1,
    schemaMegabytes: 10,
    writeSharePercent: 95,
    days: 0,
  };
  await expect(setAdviceRules(administrator, { ...rules, schemaMegabytes: 1 })).rejects.toMatchObject({
    code: "invalid",
  });
  await setAdviceRules(administrator, rules);
  expect((await listAdvice(administrator, {})).rows).toMatchObject([{ tenantId: large, to: "schema", due: true }]);
  await describeTenant(administrator, { tenantId: small, notes: "", residency: "eu", dedicated: true });
  await measure();
  const { rows: advised } = await listAdvice(administrator, {});
  expect(advised.find(({ tenantId }) => tenantId === small)).toMatchObject({ to: "database", due: true });
});

test("a tenant in a database of its own is judged by the rules of the database that lists it", async () => {
  await setAdviceRules(administrator, {
    databaseId: shop.databaseId,
    sharedMegabytes: 1,
    schemaMegabytes: 5,
    writeSharePercent: 95,
    days: 0,
  });
  // So that what is written below is a small part of what its home's writes would be with it.
  await shop.client.query(
    `INSERT INTO caretaker.audit_logs (id, transaction_id, created_at, tenant_id, action, resource_schema, resource_type)
     SELECT 10000 + n, pg_current_xact_id(), now(), key, 'create', 'My App', 'orders'
       FROM generate_series(1, 20000) AS n, (SELECT max(tenant_id) AS key FROM caretaker.audit_logs) AS one`,
  );
  await measure();
  const own = await makeOwn("Promoted");
  await query(own.url, `INSERT INTO "My App".orders (note) SELECT repeat('x', 500) FROM generate_series(1, 6000)`);
  await measure(own.databaseId);
  const ofOwn = async () =>
    (await listAdvice(administrator, {})).rows.filter(({ databaseId }) => databaseId === own.databaseId);
  expect(await ofOwn()).toEqual([]);
  await query(own.url, `TRUNCATE "My App".orders CASCADE`);
  await measure(own.databaseId);
  expect(await ofOwn()).toMatchObject([{ from: "database", to: "shared", due: true }]);
});

test("a tenant in a database of its own is judged by the share and the room that it would have where it is listed", async () => {
  const own = await makeOwn("Busy");
  await query(
    own.url,
    `INSERT INTO caretaker.audit_logs (id, transaction_id, created_at, tenant_id, action, resource_schema, resource_type)
     SELECT n, pg_current_xact_id(), now(), (SELECT id::text FROM "My App"."Organization"), 'create', 'My App', 'orders' FROM generate_series(1, 6000) AS n`,
  );
  await measure(own.databaseId);
  const [advice] = (await listAdvice(administrator, {})).rows.filter(({ databaseId }) => databaseId === own.databaseId);
  expect(advice).toMatchObject({ from: "database", to: "shared" });
  const set = (writeSharePercent: number) =>
    setAdviceRules(administrator, {
      databaseId: shop.databaseId,
      sharedMegabytes: 1,
      schemaMegabytes: 5,
      writeSharePercent,
      days: 0,
    });
  await set(30);
  await measure(own.databaseId);
  const [other] = (await listAdvice(administrator, {})).rows.filter(({ databaseId }) => databaseId === own.databaseId);
  expect(other).toMatchObject({ from: "database", to: "schema" });
  await set(95);
});

test("a database that does not answer is named beside the others' figures, and its rules are kept all the same", async () => {
  const own = await makeOwn("In a dead database");
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT tenant_id AS id FROM placements WHERE database_id = $1",
    [own.databaseId],
  );
  await controlPool().query("UPDATE databases SET name = 'gone' WHERE id = $1", [own.databaseId]);
  const { databases, silent } = await simulateAdvice(administrator, { tenants: [rows[0]?.id ?? ""] });
  expect(silent).toMatchObject([{ databaseId: own.databaseId, name: "gone" }]);
  expect(databases.map(({ databaseId }) => databaseId)).toEqual([shop.databaseId]);
  const name = new URL(shop.url).pathname.slice(1);
  const before = (await listAdvice(administrator, { database: shop.databaseId })).rows;
  await controlPool().query("UPDATE databases SET name = 'gone' || id WHERE id = $1", [shop.databaseId]);
  const rules = {
    databaseId: shop.databaseId,
    sharedMegabytes: 7,
    schemaMegabytes: 70,
    writeSharePercent: 95,
    days: 0,
  };
  expect(await setAdviceRules(administrator, rules)).toEqual({ advised: 0 });
  await controlPool().query("UPDATE databases SET name = $2 WHERE id = $1", [shop.databaseId, name]);
  const [kept] = await listRules(administrator, { database: shop.databaseId });
  expect(kept?.rules.sharedBytesMax).toBe(7 * 1024 ** 2);
  expect((await listAdvice(administrator, { database: shop.databaseId })).rows.map(({ to }) => to)).toEqual(
    before.map(({ to }) => to),
  );
  await controlPool().query("DELETE FROM placements WHERE database_id = $1", [own.databaseId]);
});

test("what is advised is counted whole where the list is cut", async () => {
  const before = await listAdvice(administrator, {});
  await controlPool().query(
    `WITH made AS (
       INSERT INTO tenants (home_database_id, key, name, advised_tier, advice_reason, advised_since)
       SELECT $1, 'many ' || n, 'Many ' || n, 'schema', 'It grew.', now() + make_interval(days => CASE WHEN n > 150 THEN 1 ELSE -1 END)
         FROM generate_series(1, 250) AS n
       RETURNING id
     )
     INSERT INTO placements (tenant_id, tier, database_id, schema, state) SELECT id, 'shared', $1, 'My App', 'open' FROM made`,
    [shop.databaseId],
  );
  const { rows, total, due } = await listAdvice(administrator, {});
  expect([rows.length, total, due]).toEqual([200, before.total + 250, before.due + 150]);
  await controlPool().query(
    "DELETE FROM placements p USING tenants t WHERE t.id = p.tenant_id AND t.key LIKE 'many %'",
  );
  await controlPool().query("DELETE FROM tenants WHERE key LIKE 'many %'");
});

test("the list as a file holds every tenant, and no cell is a formula", async () => {
  let text = "";
  for await (const part of tenantCsv(administrator, tenantFilter.parse({}))) text += part;
  const lines = text.trimEnd().split("\r\n");
  expect(lines).toHaveLength(6);
  expect(text).toContain(",'=Large,");
});
