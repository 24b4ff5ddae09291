import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet, withDatabase } from "../fleet.ts";
import { staffActor, systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import type { CreatedTenant } from "./create.ts";
import { createTenant } from "./create.ts";
import { dueSizes } from "./due.ts";
import { openShop, type Shop } from "./fixture.ts";
import { tenantJobs } from "./jobs.ts";
import { readTenant } from "./read.ts";
import { sampleTable } from "./sample.ts";
import { sizeTenants } from "./size.ts";

const system = systemActor("test");
const support = staffActor({ staffId: "4d0a7c3e-30ad-4c5e-9f6a-1f7a2b3c4d5e", name: "Sam", role: "support" });

let shop: Shop;
let large: CreatedTenant;
let small: CreatedTenant;

beforeAll(async () => {
  await freshControl();
  shop = await openShop({ rowSecurity: true });
  const input = { databaseId: shop.databaseId, values: { plan: "free" } };
  large = await createTenant(system, { ...input, name: "Large" });
  small = await createTenant(system, { ...input, name: "Small" });
  await shop.client.query(
    `INSERT INTO "My App".orders ("orgId", note)
     SELECT CASE WHEN n % 4 = 0 THEN $2 ELSE $1 END::uuid, repeat('x', 500) FROM generate_series(1, 40000) AS n`,
    [large.key, small.key],
  );
  await shop.client.query('INSERT INTO "My App".lines (order_id) SELECT id FROM "My App".orders WHERE id <= 400');
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

async function runJob() {
  const [kind] = tenantJobs;
  return kind?.run({
    id: "3c1f4d8e-0000-4000-8000-000000000001",
    input: { databaseId: shop.databaseId },
    planHash: null,
    actor: system,
    signal: new AbortController().signal,
    step: (_name, work) => work(),
    stepInControl: () => Promise.reject(new Error("The job has no such step.")),
    progress: async () => {},
    log: () => {},
  });
}

test("a large shared table is divided by a sample whose error covers the truth", async () => {
  const table = { schema: "My App", name: "orders", tenantColumn: "orgId", path: [] };
  const shares = await withDatabase(shop.databaseId, (client) => sampleTable(client, table));
  const [first, second] = shares.toSorted((one, other) => other.rows - one.rows);
  expect(first).toMatchObject({ key: large.key, method: "sample" });
  expect(second).toMatchObject({ key: small.key, method: "sample" });
  for (const [share, rows] of [[first, 30_000] as const, [second, 10_000] as const]) {
    // Twice the 95 % interval, so that the test does not fail once in twenty runs.
    expect(Math.abs((share?.rows ?? 0) - rows)).toBeLessThan(2 * (share?.errorRatio ?? 0) * rows);
  }
});

test("the job stores each tenant's size by table, through foreign keys too, with method, error and age", async () => {
  expect(await runJob()).toMatchObject({ tenants: 2, repaired: 0 });
  const tenant = await readTenant(support, small.tenantId);
  expect(tenant.sizes.map(({ name, method }) => [name, method])).toEqual([
    ["orders", "sample"],
    ["Organization", "exact"],
    ["lines", "exact"],
  ]);
  expect(tenant.sizes.find(({ name }) => name === "lines")).toMatchObject({ rows: "100", errorRatio: 0 });
  const sum = tenant.sizes.reduce((bytes, table) => bytes + Number(table.bytes), 0);
  expect(Number(tenant.sizeBytes)).toBe(sum);
  expect(Date.now() - Date.parse(tenant.sizedAt ?? "")).toBeLessThan(60_000);
});

test("a tenant with a schema of its own is measured by its own tables", async () => {
  await shop.client.query('CREATE SCHEMA "t 1"; CREATE TABLE "t 1".orders AS SELECT * FROM "My App".orders; ANALYZE');
  await controlPool().query(`UPDATE placements SET tier = 'schema', schema = 't 1' WHERE tenant_id = $1`, [
    large.tenantId,
  ]);
  await runJob();
  const tenant = await readTenant(support, large.tenantId);
  expect(tenant.sizes).toMatchObject([
    { schema: "t 1", name: "orders", rows: "40000", method: "pages", errorRatio: null },
  ]);
  const { rows } = await shop.client.query<{ bytes: string }>(`SELECT pg_total_relation_size('"t 1".orders') AS bytes`);
  expect(Number(tenant.sizeBytes) / Number(rows[0]?.bytes)).toBeCloseTo(1, 1);
});

test("what was not measured for a day is due, once", async () => {
  expect(await dueSizes()).toEqual([]);
  await controlPool().query("UPDATE tenants SET sized_at = now() - interval '25 hours' WHERE id = $1", [
    small.tenantId,
  ]);
  expect(await dueSizes()).toMatchObject([{ kind: "tenants.size", input: { databaseId: shop.databaseId } }]);
  await sizeTenants(system, { databaseId: shop.databaseId });
  expect(await dueSizes()).toEqual([]);
  await controlPool().query("DELETE FROM jobs");
});

test("a new tenant waits for the measurement of its database, which is one a day; one that failed is tried again", async () => {
  await sizeTenants(system, { databaseId: shop.databaseId });
  const ended = (state: string, hours: number) =>
    controlPool().query(
      `UPDATE jobs SET state = $1, created_at = now() - make_interval(hours => $2), finished_at = now() - make_interval(hours => $2)`,
      [state, hours],
    );
  await controlPool().query("UPDATE tenants SET sized_at = NULL WHERE id = $1", [small.tenantId]);
  await ended("done", 23);
  expect(await dueSizes()).toEqual([]);
  await ended("failed", 2);
  expect(await dueSizes()).toHaveLength(1);
  await ended("done", 25);
  expect(await dueSizes()).toHaveLength(1);
  await controlPool().query("DELETE FROM jobs");
});

test("measuring can be asked for by administrators, as a job", async () => {
  await expect(sizeTenants(support, { databaseId: shop.databaseId })).rejects.toMatchObject({ code: "forbidden" });
  const { jobId } = await sizeTenants(system, { databaseId: shop.databaseId });
  const { rows } = await controlPool().query("SELECT kind, state FROM jobs WHERE id = $1", [jobId]);
  expect(rows).toEqual([{ kind: "tenants.size", state: "queued" }]);
});
