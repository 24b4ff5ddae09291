import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { Receipt } from "../../jobs/kind.ts";
import { definitionLines } from "../../managed/definition/fingerprint.ts";
import { readDefinition } from "../../managed/definition/read.ts";
import { ownName } from "../../managed/own-name.ts";
import { staffActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import type { StartTenant } from "../contract.ts";
import { openShop, type Shop } from "../fixture.ts";
import { readTenant } from "../read.ts";
import { renameTenant } from "../rename.ts";
import { reopenTenant } from "../reopen.ts";
import { suspendNamed } from "../testing.ts";
import { makeJobs, sweepTenants } from "./job.ts";
import { planTenant } from "./plan.ts";
import { attempt, Killed, queued } from "./testing.ts";

const administrator = staffActor({
  staffId: randomUUID(),
  name: "Ada",
  role: "administrator",
  reauthenticatedAt: new Date().toISOString(),
});
const support = staffActor({ staffId: randomUUID(), name: "Sam", role: "support" });
let shop: Shop;

beforeAll(async () => {
  await freshControl();
  shop = await openShop({ rowSecurity: true });
  await controlPool().query("UPDATE managed_tables SET row_security = true WHERE name = 'orders'");
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

async function inputFor(tier: "schema" | "database", name: string): Promise<StartTenant> {
  const tenantId = randomUUID();
  const asked = { databaseId: shop.databaseId, tier, name, values: { plan: "paid" } };
  const plan = await planTenant(administrator, asked, tenantId);
  expect(plan.problems.filter((problem) => problem.severity === "blocking")).toEqual([]);
  return { ...asked, tenantId, planHash: plan.hash };
}

const [kind] = makeJobs;
if (!kind) throw new Error("There is no kind of job that makes tenants.");

function job(input: StartTenant) {
  return { id: input.tenantId, actor: administrator, input };
}

async function databaseUrl(name: string, base = shop.url): Promise<string> {
  const url = new URL(base);
  url.pathname = `/${name}`;
  return url.href;
}

async function linesOf(url: string, schema: string, elsewhere: boolean): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query("BEGIN READ ONLY");
  const definition = await readDefinition(client, { schema, tables: ["orders", "lines"] });
  await client.end();
  return definitionLines(definition, { elsewhere, tenantColumns: [{ table: "orders", column: "orgId" }] });
}

async function application(url: string, tenant: string, sql: string, values: unknown[] = []) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query("SELECT set_config('app.current_tenant_id', $1, false)", [tenant]);
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** As the application asks the database that lists its tenants. */
function placementOf(key: string) {
  const sql = "SELECT tier, database, schema FROM caretaker.placements WHERE tenant_key = $1";
  return application(shop.applicationUrl, "", sql, [key]);
}

function databaseName(): string {
  return new URL(shop.url).pathname.slice(1);
}

test("a tenant in its own schema has the shared tables' definition, is audited, and refuses others' rows", async () => {
  const input = await inputFor("schema", "Schema Ltd");
  const schema = ownName(input.tenantId);
  expect(await attempt(kind, job(input), new Map())).toMatchObject({ tenantId: input.tenantId });
  expect(await linesOf(shop.url, schema, false)).toEqual(await linesOf(shop.url, "My App", false));
  const tenant = await readTenant(administrator, input.tenantId);
  expect(tenant).toMatchObject({ tier: "schema", status: "active", name: "Schema Ltd", slug: "schema-ltd" });
  expect(await placementOf(tenant.key)).toEqual([{ tier: "schema", database: databaseName(), schema }]);
  const orders = `"${schema}".orders`;
  await application(shop.applicationUrl, tenant.key, `INSERT INTO ${orders} (note) VALUES ('mine')`);
  await expect(
    application(shop.applicationUrl, tenant.key, `INSERT INTO ${orders} ("orgId") VALUES ($1)`, [randomUUID()]),
  ).rejects.toThrow();
  const { rows } = await shop.client.query(
    "SELECT tenant_id, action FROM caretaker.audit_logs WHERE resource_schema = $1",
    [schema],
  );
  expect(rows).toEqual([{ tenant_id: tenant.key, action: "create" }]);
  expect(await application(shop.applicationUrl, randomUUID(), `SELECT * FROM ${orders}`)).toEqual([]);
  const { rows: managed } = await controlPool().query(
    "SELECT name, class, tenant_constant FROM managed_tables WHERE schema = $1 ORDER BY name",
    [schema],
  );
  expect(managed).toEqual([
    { name: "lines", class: "child", tenant_constant: tenant.key },
    { name: "orders", class: "tenant", tenant_constant: tenant.key },
  ]);
});

test("a tenant in its own database finds its row, the shared tables and Caretaker there", async () => {
  const input = await inputFor("database", "Database Ltd");
  await attempt(kind, job(input), new Map());
  const tenant = await readTenant(administrator, input.tenantId);
  expect(tenant).toMatchObject({ tier: "database", databaseName: ownName(input.tenantId) });
  expect(await placementOf(tenant.key)).toEqual([
    { tier: "database", database: ownName(input.tenantId), schema: "My App" },
  ]);
  const url = await databaseUrl(ownName(input.tenantId));
  expect(await linesOf(url, "My App", true)).toEqual(await linesOf(shop.url, "My App", true));
  const appUrl = await databaseUrl(ownName(input.tenantId), shop.applicationUrl);
  await application(appUrl, tenant.key, `INSERT INTO "My App".orders (note) VALUES ('mine')`);
  expect(await application(url, "", `SELECT "displayName" FROM "My App"."Organization"`)).toEqual([
    { displayName: "Database Ltd" },
  ]);
  expect(
    await application(url, "", "SELECT tenant_id FROM caretaker.audit_logs WHERE resource_type = 'orders'"),
  ).toEqual([{ tenant_id: tenant.key }]);
  const { rows } = await controlPool().query(
    "SELECT own_tenant_key, adopted_at IS NOT NULL AS adopted FROM databases WHERE id = $1",
    [tenant.databaseId],
  );
  expect(rows).toEqual([{ own_tenant_key: tenant.key, adopted: true }]);
});

test("a tenant in its own database is renamed in its copy of the tenants table too, again after a crash, and not where the name is taken", async () => {
  const input = await inputFor("database", "First Name");
  await attempt(kind, job(input), new Map());
  const { tenantId } = input;
  const copy = await databaseUrl(ownName(tenantId));
  const { key } = await readTenant(administrator, tenantId);
  const names = async () =>
    (
      await Promise.all(
        [copy, shop.url].map((url) =>
          application(url, "", `SELECT "displayName" AS name FROM "My App"."Organization" WHERE id = $1`, [key]),
        ),
      )
    ).flatMap((rows) => rows.map(({ name }) => name));
  await renameTenant(administrator, { tenantId, name: "Second Name" });
  expect(await names()).toEqual(["Second Name", "Second Name"]);
  const taken = renameTenant(administrator, { tenantId, name: "Database Ltd" });
  await expect(taken).rejects.toMatchObject({ code: "conflict" });
  expect(await names()).toEqual(["Second Name", "Second Name"]);
  await application(copy, "", `UPDATE "My App"."Organization" SET "displayName" = 'Third Name'`);
  await renameTenant(administrator, { tenantId, name: "Third Name" });
  expect(await names()).toEqual(["Third Name", "Third Name"]);
  expect((await readTenant(administrator, tenantId)).name).toBe("Third Name");
});

test.each(["schema", "database"] as const)("a tenant in its own %s is suspended and reopened there", async (tier) => {
  const input = await inputFor(tier, `Suspended ${tier}`);
  await attempt(kind, job(input), new Map());
  const { key } = await readTenant(administrator, input.tenantId);
  const [url, orders] =
    tier === "schema"
      ? [shop.applicationUrl, `"${ownName(input.tenantId)}".orders`]
      : [await databaseUrl(ownName(input.tenantId), shop.applicationUrl), `"My App".orders`];
  await application(url, key, `INSERT INTO ${orders} (note) VALUES ('mine')`);
  const { enforcement } = await suspendNamed(administrator, { tenantId: input.tenantId, reason: "unpaid" });
  expect(enforcement.enforced).toEqual([orders.replace(/^"(t_\w+)"/, "$1")]);
  await expect(application(url, key, `SELECT * FROM ${orders}`)).rejects.toThrow(/is suspended/);
  await reopenTenant(administrator, { tenantId: input.tenantId });
  expect(await application(url, key, `SELECT note FROM ${orders}`)).toEqual([{ note: "mine" }]);
});

test("killed before or after any step, the next attempt finishes, and makes it once", async () => {
  for (const tier of ["schema", "database"] as const) {
    const clean = new Map<string, Receipt>();
    await attempt(kind, job(await inputFor(tier, `Clean ${tier}`)), clean);
    const points = [...clean.keys()].flatMap((step) => [[step, "before"] as const, [step, "after"] as const]);
    const input = await inputFor(tier, `Killed ${tier}`);
    const receipts = new Map<string, Receipt>();
    for (const [step, when] of points) {
      const died = await attempt(kind, job(input), receipts, (name, at) => name === step && at === when).catch(
        (error: unknown) => error,
      );
      if (died instanceof Error && !(died instanceof Killed)) throw died;
    }
    await attempt(kind, job(input), receipts);
    expect(await readTenant(administrator, input.tenantId)).toMatchObject({ tier, name: `Killed ${tier}` });
    const { rows } = await shop.client.query(
      `SELECT count(*)::int FROM "My App"."Organization" WHERE "displayName" = $1`,
      [`Killed ${tier}`],
    );
    expect(rows).toEqual([{ count: 1 }]);
  }
});

test("one that was cut off for good leaves nothing behind, in any tier", async () => {
  // Other tests make databases on this server meanwhile.
  const ownNames: string[] = [];
  const inventory = async () => {
    const { rows } = await shop.client.query<{ line: string }>(
      `SELECT 'schema ' || nspname AS line FROM pg_namespace WHERE nspname NOT LIKE 'pg_temp%' AND nspname NOT LIKE 'pg_toast_temp%'
        UNION ALL SELECT 'database ' || datname FROM pg_database WHERE datname = ANY ($1)
        UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'caretaker'::regnamespace
        UNION ALL SELECT 'captured ' || schema_name || table_name FROM caretaker.captures
        UNION ALL SELECT 'place of ' || tenant_key FROM caretaker.placements
        UNION ALL SELECT 'tenant ' || id FROM "My App"."Organization" ORDER BY 1`,
      [ownNames],
    );
    const { rows: known } = await controlPool().query(
      "SELECT (SELECT count(*) FROM tenants) AS t, (SELECT count(*) FROM placements) AS p, (SELECT count(*) FROM databases) AS d, (SELECT count(*) FROM managed_tables) AS m",
    );
    return [...rows.map((row) => row.line), JSON.stringify(known)];
  };
  const before = await inventory();
  for (const tier of ["schema", "database"] as const) {
    const input = await inputFor(tier, `Gone ${tier}`);
    ownNames.push(ownName(input.tenantId));
    await queued(administrator, "tenants.create", input, input.tenantId);
    const dies = (step: string) => step === "open its place";
    await expect(attempt(kind, job(input), new Map(), dies)).rejects.toThrow(Killed);
    expect((await inventory()).length).toBeGreaterThan(before.length);
    await controlPool().query("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1", [
      input.tenantId,
    ]);
    expect(await attempt(sweepTenants, { id: randomUUID(), actor: administrator, input: {} }, new Map())).toEqual({
      undone: 1,
    });
    expect(await inventory()).toEqual(before);
  }
});

test("the tables of a tenant's own schema are not taken for shared ones, whatever the model says of them", async () => {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT p.id FROM placements p WHERE p.tier = 'schema' AND p.state = 'open' LIMIT 1",
  );
  await controlPool().query(
    "UPDATE managed_tables SET tenant_constant = NULL WHERE schema = (SELECT schema FROM placements WHERE id = $1)",
    [rows[0]?.id],
  );
  expect((await inputFor("schema", "Another")).planHash).toHaveLength(64);
});

test("a plan that is no longer true is refused, and so is support", async () => {
  const input = await inputFor("schema", "Stale");
  await shop.client.query('ALTER TABLE "My App".orders ADD COLUMN later text');
  await expect(attempt(kind, job(input), new Map())).rejects.toMatchObject({ code: "stale_plan" });
  await shop.client.query('ALTER TABLE "My App".orders DROP COLUMN later');
  await expect(planTenant(support, input, input.tenantId)).rejects.toMatchObject({ code: "forbidden" });
});
