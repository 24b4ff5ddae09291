import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { staffActor } from "../mint.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { registerDatabase } from "../testing/register.ts";
import { type CreatedTenant, createTenant } from "./create.ts";
import { openShop, type Shop } from "./fixture.ts";
import { listCreatable, readCreateForm } from "./form.ts";
import { readTenant } from "./read.ts";
import { reconcileSuspensions } from "./reconcile.ts";
import { renameTenant } from "./rename.ts";
import { reopenTenant } from "./reopen.ts";
import { suspendTenant } from "./suspend.ts";
import { suspendNamed } from "./testing.ts";

const staffId = "4d0a7c3e-30ad-4c5e-9f6a-1f7a2b3c4d5e";
const administrator = staffActor({
  staffId,
  name: "Ada",
  role: "administrator",
  reauthenticatedAt: new Date().toISOString(),
});
const support = staffActor({ staffId, name: "Sam", role: "support" });

let shop: Shop;
let acme: CreatedTenant;

beforeAll(async () => {
  await freshControl();
  shop = await openShop({ rowSecurity: true });
  acme = await createTenant(administrator, {
    databaseId: shop.databaseId,
    name: "Acme & Söhne",
    values: { plan: "paid" },
    reason: "signed",
  });
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

/** Runs one statement as the application does, for a tenant. */
async function asApplication(tenantKey: string, sql: string, values: unknown[] = []) {
  const client = new pg.Client(shop.applicationUrl);
  await client.connect();
  try {
    await client.query("SELECT set_config('app.current_tenant_id', $1, false)", [tenantKey]);
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const order = 'INSERT INTO "My App".orders ("orgId", note) VALUES ($1, $2)';

async function auditedIn(
  client: { query(sql: string, values: unknown[]): Promise<{ rows: unknown[] }> },
  record: string,
) {
  const { rows } = await client.query(
    "SELECT action, user_id, metadata ->> 'reason' AS reason FROM caretaker.audit_logs WHERE resource_id = $1 ORDER BY id",
    [record],
  );
  return rows;
}

test("the form asks for what the catalog cannot guess, and only for that", async () => {
  const form = await readCreateForm(administrator, shop.databaseId);
  expect(form.asked).toEqual([
    { name: "plan", type: '"My App"."Plan"', required: true, choices: ["free", "paid"], references: null },
  ]);
});

test("no tenant is created in another one's own database, which goes with its owner", async () => {
  const own = await registerDatabase(await freshDatabase(), {
    tenantsTable: { schema: "public", table: "tenants", key: "id", name: "name", slug: null },
    ownTenantKey: "7",
    homeDatabaseId: shop.databaseId,
  });
  expect((await listCreatable(administrator)).map(({ id }) => id)).toEqual([shop.databaseId]);
  await expect(readCreateForm(administrator, own)).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("one tenant's own"),
  });
});

test("a created tenant is a row in the application's own table and lives in the shared tier", async () => {
  const { rows } = await shop.client.query('SELECT * FROM "My App"."Organization" WHERE id = $1', [acme.key]);
  expect(rows[0]).toMatchObject({
    displayName: "Acme & Söhne",
    order: "acme-sohne",
    plan: "paid",
    seats: 5,
    nameLength: 12,
  });
  const tenant = await readTenant(support, acme.tenantId);
  expect(tenant).toMatchObject({ key: acme.key, slug: "acme-sohne", tier: "shared", status: "active" });
  expect(tenant.placements).toHaveLength(1);
  expect(await auditedIn(controlPool(), acme.tenantId)).toMatchObject([
    { action: "create", user_id: staffId, reason: "signed" },
  ]);
});

test("a missing column is named, and nothing is created anywhere", async () => {
  const create = createTenant(administrator, { databaseId: shop.databaseId, name: "Half", values: {} });
  await expect(create).rejects.toMatchObject({ code: "invalid", fieldErrors: { "values.plan": "must be given" } });
  const { rowCount } = await controlPool().query("SELECT FROM tenants WHERE name = 'Half'");
  expect(rowCount).toBe(0);
});

test("a value that the application's table refuses is refused in its words", async () => {
  const input = { databaseId: shop.databaseId, name: "Wrong", values: { plan: "gold" } };
  await expect(createTenant(administrator, input)).rejects.toMatchObject({ code: "invalid" });
  const taken = { ...input, name: "Acme & Söhne", values: { plan: "free" } };
  await expect(createTenant(administrator, taken)).rejects.toMatchObject({ code: "conflict" });
});

test("renaming changes the application's row and ours, and is refused for a name that is taken", async () => {
  const other = await createTenant(administrator, {
    databaseId: shop.databaseId,
    name: "Other",
    values: { plan: "free" },
  });
  await renameTenant(administrator, { tenantId: other.tenantId, name: "Renamed" });
  const { rows } = await shop.client.query('SELECT "displayName" FROM "My App"."Organization" WHERE id = $1', [
    other.key,
  ]);
  expect(rows).toEqual([{ displayName: "Renamed" }]);
  expect((await readTenant(support, other.tenantId)).name).toBe("Renamed");
  expect(await auditedIn(controlPool(), other.tenantId)).toMatchObject([{ action: "create" }, { action: "update" }]);
  const clash = renameTenant(administrator, { tenantId: other.tenantId, name: "Acme & Söhne" });
  await expect(clash).rejects.toMatchObject({ code: "conflict", fieldErrors: { name: "is taken" } });
});

test("a suspended tenant's application is refused and told why, others are not, and reopening lets it in", async () => {
  const other = await createTenant(administrator, {
    databaseId: shop.databaseId,
    name: "Bystander",
    values: { plan: "free" },
  });
  await asApplication(acme.key, order, [acme.key, "before"]);
  const done = await suspendNamed(administrator, { tenantId: acme.tenantId, reason: "unpaid" });
  expect(done.enforcement.enforced).toEqual(['"My App".orders']);
  expect(done.enforcement.open).toEqual(['"My App"."Organization"', '"My App".lines']);

  const refused = { code: "42501", message: expect.stringContaining("is suspended") };
  await expect(asApplication(acme.key, 'SELECT * FROM "My App".orders')).rejects.toMatchObject(refused);
  await expect(asApplication(acme.key, order, [acme.key, "during"])).rejects.toMatchObject(refused);
  await asApplication(other.key, order, [other.key, "not concerned"]);
  expect(await readTenant(support, acme.tenantId)).toMatchObject({ status: "suspended", statusReason: "unpaid" });

  await suspendNamed(administrator, { tenantId: acme.tenantId, reason: "again" });
  expect((await readTenant(support, acme.tenantId)).statusReason).toBe("unpaid");

  await reopenTenant(administrator, { tenantId: acme.tenantId, reason: "paid" });
  expect(await asApplication(acme.key, 'SELECT note FROM "My App".orders')).toEqual([{ note: "before" }]);
  expect((await auditedIn(controlPool(), acme.tenantId)).slice(1)).toMatchObject([
    { action: "update", reason: "unpaid" },
    { action: "update", reason: "paid" },
  ]);
});

test("a tenant with a schema of its own is judged by the tables of that schema", async () => {
  const own = await createTenant(administrator, {
    databaseId: shop.databaseId,
    name: "Own schema",
    values: { plan: "free" },
  });
  await controlPool().query("UPDATE placements SET tier = 'schema', schema = 't_own' WHERE tenant_id = $1", [
    own.tenantId,
  ]);
  const suspend = suspendNamed(administrator, { tenantId: own.tenantId, reason: "unpaid" });
  await expect(suspend).rejects.toMatchObject({ code: "unsupported" });
});

test("where no row-level security is in force, suspending is refused instead of pretended", async () => {
  const open = await openShop({ rowSecurity: false });
  const tenant = await createTenant(administrator, {
    databaseId: open.databaseId,
    name: "Open",
    values: { plan: "free" },
  });
  const suspend = suspendNamed(administrator, { tenantId: tenant.tenantId, reason: "unpaid" });
  await expect(suspend).rejects.toMatchObject({ code: "unsupported" });
  expect((await readTenant(support, tenant.tenantId)).status).toBe("active");
  await open.client.end();
});

test("a role that bypasses row-level security makes suspending refused", async () => {
  const role = new URL(shop.applicationUrl).username;
  await shop.client.query(`ALTER ROLE ${role} BYPASSRLS`);
  const suspend = suspendNamed(administrator, { tenantId: acme.tenantId, reason: "unpaid" });
  await expect(suspend).rejects.toMatchObject({ code: "unsupported" });
  await shop.client.query(`ALTER ROLE ${role} NOBYPASSRLS`);
});

test("a suspension cut off between the two databases is shown as it is enforced, after the next job", async () => {
  await shop.client.query("INSERT INTO caretaker.suspended_tenants (tenant_key, reason) VALUES ($1, 'cut off')", [
    acme.key,
  ]);
  expect(await reconcileSuspensions(administrator, shop.databaseId)).toBe(1);
  expect(await readTenant(support, acme.tenantId)).toMatchObject({ status: "suspended", statusReason: "cut off" });
  await shop.client.query("DELETE FROM caretaker.suspended_tenants");
  expect(await reconcileSuspensions(administrator, shop.databaseId)).toBe(1);
  expect(await reconcileSuspensions(administrator, shop.databaseId)).toBe(0);
});

test("support and compliance read tenants and change nothing", async () => {
  const { tenantId } = acme;
  for (const role of ["support", "compliance"] as const) {
    const actor = staffActor({ staffId, name: role, role });
    await readTenant(actor, tenantId);
    const writes = [
      createTenant(actor, { databaseId: shop.databaseId, name: "No", values: { plan: "free" } }),
      renameTenant(actor, { tenantId, name: "No" }),
      suspendTenant(actor, { tenantId, reason: "no" }),
      reopenTenant(actor, { tenantId }),
    ];
    for (const write of writes) await expect(write).rejects.toMatchObject({ code: "forbidden" });
  }
});
