import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlPool } from "../../control.ts";
import { systemActor } from "../../mint.ts";
import { freshControl, freshDatabase } from "../../testing/databases.ts";
import { registerDatabase } from "../../testing/register.ts";
import type { MoveProblem, PlanMove } from "../contract.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { checkServers, readSurroundings, type Surroundings } from "./check/servers.ts";
import { planMove } from "./plan.ts";

const actor = systemActor("plan test");
let shop: Shop;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(3, 100);
});

afterAll(() => shop.client.end());

async function problems(to: Omit<PlanMove, "tenantId"> = { tier: "schema" }): Promise<MoveProblem[]> {
  return (await planMove(actor, { ...to, tenantId: shop.tenants.get("1") ?? "" })).problems;
}

/** What a plan says about something that is there only meanwhile. */
async function planted(
  sql: string,
  undo: string,
  to?: Omit<PlanMove, "tenantId">,
): Promise<Pick<MoveProblem, "severity" | "code" | "subject">[]> {
  const known = (await problems(to)).map(({ code, subject }) => `${code} ${subject}`);
  await shop.client.query(sql);
  try {
    const found = await problems(to);
    for (const { message, fix } of found) expect(`${message} ${fix}`).toMatch(/^[^\s].{20,}\S$/s);
    return found
      .filter(({ code, subject }) => !known.includes(`${code} ${subject}`))
      .map(({ severity, code, subject }) => ({ severity, code, subject }));
  } finally {
    await shop.client.query(undo);
  }
}

const blocking = (code: string, subject: string) => ({ severity: "blocking", code, subject });

// What is planted, what takes it away, and what the plan must then say.
const obstacles: [string, string, string, object[]][] = [
  [
    "a table without a key",
    "ALTER TABLE notes DROP CONSTRAINT notes_pkey",
    "ALTER TABLE notes ADD PRIMARY KEY (id)",
    [blocking("no_key", '"public"."notes"')],
  ],
  [
    "a row that belongs to two tenants",
    "INSERT INTO orders (id, tenant_id, customer_id) SELECT 900001, 1, id FROM customers WHERE tenant_id = 2 LIMIT 1",
    "DELETE FROM orders WHERE id = 900001",
    [blocking("crosses_tenants", "public.orders")],
  ],
  [
    "another tenant's row that points to one of this tenant's",
    "INSERT INTO orders (id, tenant_id, customer_id) SELECT 900002, 2, id FROM customers WHERE tenant_id = 1 LIMIT 1",
    "DELETE FROM orders WHERE id = 900002",
    [blocking("crosses_tenants", "public.orders")],
  ],
  [
    "a table outside the model that points to the tenant's rows",
    "CREATE TABLE bills (order_id bigint REFERENCES orders); INSERT INTO bills SELECT id FROM orders WHERE tenant_id = 1 LIMIT 1",
    "DROP TABLE bills",
    [blocking("referenced_from_outside", "public.bills")],
  ],
  [
    "large objects",
    "ALTER TABLE notes ADD COLUMN picture oid",
    "ALTER TABLE notes DROP COLUMN picture",
    [blocking("large_object", '"public"."notes"')],
  ],
  [
    "an unlogged table",
    "ALTER TABLE notes SET UNLOGGED",
    "ALTER TABLE notes SET LOGGED",
    [blocking("unlogged", '"public"."notes"')],
  ],
  [
    "a trigger with side effects",
    "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER tell AFTER INSERT ON notes EXECUTE FUNCTION tell()",
    "DROP FUNCTION tell() CASCADE",
    [{ severity: "warning", code: "triggers", subject: '"public"."notes"' }],
  ],
  [
    "a trigger that fires for copied rows too",
    "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER tell AFTER INSERT ON notes EXECUTE FUNCTION tell(); ALTER TABLE notes ENABLE ALWAYS TRIGGER tell",
    "DROP FUNCTION tell() CASCADE",
    [blocking("trigger_always", '"public"."notes"')],
  ],
];

for (const [what, sql, undo, expected] of obstacles) {
  test(`a plan names ${what}`, async () => {
    expect(await planted(sql, undo)).toEqual(expected);
  });
}

test("a plan refuses partitioned tables and says what to do", async () => {
  const sql = `ALTER TABLE notes RENAME TO whole; CREATE TABLE notes (LIKE whole) PARTITION BY HASH (id);
    ALTER TABLE notes ADD PRIMARY KEY (id); CREATE TABLE notes_0 PARTITION OF notes FOR VALUES WITH (MODULUS 1, REMAINDER 0)`;
  const found = await planted(sql, "DROP TABLE notes; ALTER TABLE whole RENAME TO notes");
  expect(found).toContainEqual(blocking("kind", '"public"."notes"'));
});

test("exclusion and deferrable constraints go along as they are, also where one is the key", async () => {
  const sql = `ALTER TABLE notes DROP CONSTRAINT notes_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED,
      ADD COLUMN during int4range, ADD EXCLUDE USING gist (during WITH &&) DEFERRABLE;
    ALTER TABLE customers ADD CONSTRAINT mails UNIQUE (tenant_id, email) DEFERRABLE`;
  const undo = `ALTER TABLE notes DROP CONSTRAINT notes_pkey, DROP COLUMN during, ADD PRIMARY KEY (id); ALTER TABLE customers DROP CONSTRAINT mails`;
  await shop.client.query(sql);
  try {
    const plan = await planMove(actor, { tenantId: shop.tenants.get("1") ?? "", tier: "schema" });
    expect(plan.problems.filter(({ severity }) => severity === "blocking")).toEqual([]);
    const statements = plan.phases.flatMap((phase) => phase.statements.map((one) => one.sql)).join("\n");
    expect(statements).toMatch(/PRIMARY KEY \(id\) DEFERRABLE INITIALLY DEFERRED/);
    expect(statements).toMatch(/EXCLUDE USING gist \(during WITH &&\) DEFERRABLE/);
    expect(statements).toMatch(/UNIQUE \(tenant_id, email\) DEFERRABLE/);
  } finally {
    await shop.client.query(undo);
  }
});

test("an application that owns tables, by itself or by membership, or is a superuser gets a grave warning", async () => {
  const owner = `ALTER TABLE notes OWNER TO ${shop.role}`;
  const back = "ALTER TABLE notes OWNER TO CURRENT_USER";
  const grave = (code: string) => [{ severity: "grave", code, subject: shop.role }];
  expect(await planted(owner, back)).toEqual(grave("role_owns"));
  const member = `CREATE ROLE ${shop.role}_group; GRANT ${shop.role}_group TO ${shop.role}; ALTER TABLE notes OWNER TO ${shop.role}_group`;
  expect(await planted(member, `${back}; DROP OWNED BY ${shop.role}_group; DROP ROLE ${shop.role}_group`)).toEqual(
    grave("role_owns"),
  );
  const superuser = await planted(`ALTER ROLE ${shop.role} SUPERUSER`, `ALTER ROLE ${shop.role} NOSUPERUSER`);
  expect(superuser).toEqual(grave("role_superuser"));
});

test("a server without the application's role is refused before anything is made there", async () => {
  const role = "application_of_nowhere";
  await controlPool().query("UPDATE databases SET application_role = $1 WHERE id = $2", [role, shop.id]);
  try {
    expect(await problems({ tier: "database" })).toContainEqual(
      expect.objectContaining(blocking("missing_role", `role ${role}`)),
    );
  } finally {
    await controlPool().query("UPDATE databases SET application_role = $1 WHERE id = $2", [shop.role, shop.id]);
  }
});

test("a plan says what is free on the disk of the new place, or that it is not known", async () => {
  const server = "(SELECT server_id FROM databases WHERE id = $1)";
  const about = async () => (await problems({ tier: "database" })).filter(({ code }) => code.startsWith("disk_"));
  expect(await about()).toMatchObject([
    { severity: "warning", code: "disk_unknown", message: expect.stringMatching(/needs about \d+(\.\d+)? (kB|MB)/) },
  ]);
  await controlPool().query(`UPDATE servers SET disk_bytes = 1000000000 WHERE id = ${server}`, [shop.id]);
  expect(await about()).toMatchObject([
    { code: "disk_unknown", message: expect.stringContaining("not sampled within a day") },
  ]);
  const sampled = (bytes: number) =>
    controlPool().query(
      `INSERT INTO server_samples (server_id, used_bytes, active_ms, sampled_at) VALUES (${server}, $2, 0, clock_timestamp())`,
      [shop.id, bytes],
    );
  await sampled(100_000_000);
  expect(await about()).toEqual([]);
  await sampled(800_000_000);
  expect(await about()).toMatchObject([{ severity: "warning", code: "disk_tight" }]);
  await sampled(999_000_000);
  expect(await about()).toMatchObject([
    { severity: "blocking", code: "disk_full", message: expect.stringContaining("976.6 kB of 953.7 MB are free") },
  ]);
  await controlPool().query(`UPDATE servers SET disk_bytes = NULL WHERE id = ${server}`, [shop.id]);
});

test("a plan keeps to the contract: the region of the data, and a database that is shared with nobody", async () => {
  const tenantId = shop.tenants.get("1") ?? "";
  const { rows } = await controlPool().query<{ id: string }>(
    "UPDATE servers SET name = 'elsewhere' WHERE id = (SELECT server_id FROM databases WHERE id = $1) RETURNING id",
    [await registerDatabase(await freshDatabase())],
  );
  const elsewhere = rows[0]?.id ?? "";
  const about = async (to: Omit<PlanMove, "tenantId">) =>
    (await problems(to))
      .filter(({ code }) => ["residency", "dedicated"].includes(code))
      .map(({ severity, code, subject }) => ({ severity, code, subject }));
  const far = { tier: "database" as const, serverId: elsewhere };
  expect(await about(far)).toEqual([]);
  await controlPool().query("UPDATE tenants SET residency = 'eu' WHERE id = $1", [tenantId]);
  expect(await about(far)).toEqual([blocking("residency", "elsewhere")]);
  expect(await about({ tier: "schema" })).toMatchObject([{ severity: "warning", code: "residency" }]);
  await controlPool().query("UPDATE servers SET region = 'us' WHERE id = $1", [elsewhere]);
  expect(await about(far)).toEqual([blocking("residency", "elsewhere")]);
  await controlPool().query("UPDATE servers SET region = 'eu' WHERE id = $1", [elsewhere]);
  expect(await about(far)).toEqual([]);
  await controlPool().query("UPDATE tenants SET residency = NULL, dedicated = true WHERE id = $1", [tenantId]);
  expect(await about({ tier: "schema" })).toEqual([blocking("dedicated", new URL(shop.url).pathname.slice(1))]);
  expect(await about(far)).toEqual([]);
  await controlPool().query("UPDATE tenants SET dedicated = false WHERE id = $1", [tenantId]);
});

test("a plan predicts rows, bytes, the time of copying and the pause", async () => {
  const { tables, copySeconds, pauseMs, bytesNeeded } = await planMove(actor, {
    tenantId: shop.tenants.get("1") ?? "",
    tier: "database",
  });
  const orders = tables.find(({ name }) => name === "orders");
  expect(orders?.estimatedRows).toBeGreaterThan(50);
  expect(orders?.estimatedRows).toBeLessThan(200);
  expect(bytesNeeded).toBeGreaterThan(2 * tables.reduce((sum, one) => sum + one.estimatedBytes, 0));
  expect([copySeconds, pauseMs].every((one) => one > 0)).toBe(true);
});

test("another database that sorts otherwise, is encoded otherwise or lacks what is needed is named", async () => {
  const url = await freshDatabase();
  const bare = await registerDatabase(url);
  const found = await problems({ tier: "schema", databaseId: bare });
  expect(found).toContainEqual(expect.objectContaining({ severity: "blocking", code: "not_installed" }));

  const client = new pg.Client(url);
  await client.connect();
  const here = await readSurroundings(client);
  await client.end();
  const codes = (to: Partial<Surroundings>, made = false) =>
    checkServers(here, { ...here, database: "there", ...to }, made).map(({ severity, code }) => `${severity} ${code}`);
  const base = codes({});
  const more = (to: Partial<Surroundings>, made = false) => codes(to, made).filter((one) => !base.includes(one));
  expect(more({ version: here.version - 10_000 })).toEqual(["blocking version"]);
  expect(more({ encoding: "SQL_ASCII" })).toEqual(["blocking encoding"]);
  expect(more({ collation: "xx_XX" })).toEqual(["warning collation"]);
  expect(more({ ctype: "xx_XX" })).toEqual(["warning collation"]);
  expect(more({ provider: "i" })).toEqual(["warning collation"]);
  expect(more({ mayCreateSchema: false })).toEqual(["blocking create_schema"]);
  expect(more({ mayCreateDatabase: false }, true)).toEqual(["blocking create_database"]);
  expect(more({ maySilenceTriggers: false })).toEqual(["blocking replication_role"]);
  expect(more({ locales: ["only_this"] }, true)).toEqual(["blocking locale"]);
  expect(more({}, true)).toEqual([]);
  const sorted = { ...here, provider: "i", installed: 1 };
  expect(checkServers(sorted, { ...here, icu: false }, true)).toMatchObject([{ severity: "blocking", code: "locale" }]);
  expect(checkServers(sorted, { ...here, icu: true }, true)).toEqual([]);
});
