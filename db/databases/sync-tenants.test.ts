import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl, testServer } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { adoptionStatus } from "./status.ts";
import { syncTenants } from "./sync-tenants.ts";
import { adopt, foreignDatabase, query } from "./testing/fleet.ts";

let administrator: Actor;
let support: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  support = (await person("support")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

const schema = `
  CREATE TABLE tenants (id bigint PRIMARY KEY, name text, slug text, deleted_at timestamptz);
  CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants, total numeric);
  CREATE TABLE users (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants, email text);`;

interface Placed {
  key: string;
  name: string;
  status: string;
  tier: string | null;
  schema: string | null;
  placedIn: string | null;
}

async function tenantsOf(homeDatabaseId: string): Promise<Placed[]> {
  const { rows } = await controlPool().query<Placed>(
    `SELECT t.key, t.name, t.status, p.tier, p.schema, p.database_id AS "placedIn"
       FROM tenants t LEFT JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
      WHERE t.home_database_id = $1 ORDER BY t.key::bigint`,
    [homeDatabaseId],
  );
  return rows;
}

test("tenants whose key column is called key are all imported", async () => {
  const { url, databaseId } = await foreignDatabase(`
    CREATE TABLE tenants (key bigint PRIMARY KEY, name text);
    CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants);`);
  await query(url, "INSERT INTO tenants SELECT n, 'Tenant ' || n FROM generate_series(1, 1200) AS n");
  await adopt(administrator, databaseId);
  expect(await syncTenants(administrator, databaseId)).toEqual({ tenants: 1200, archived: 0 });
  expect(await tenantsOf(databaseId)).toHaveLength(1200);
});

test("tenants are imported in chunks, follow renames, and are archived when they go", async () => {
  const { url, databaseId } = await foreignDatabase(schema);
  await query(url, "INSERT INTO tenants SELECT n, 'Tenant ' || n, 'slug-' || n FROM generate_series(1, 1201) AS n");
  await query(url, "INSERT INTO tenants (id) VALUES (5000)");
  await adopt(administrator, databaseId);
  expect(await syncTenants(administrator, databaseId)).toEqual({ tenants: 1202, archived: 0 });
  const first = await tenantsOf(databaseId);
  expect(first).toHaveLength(1202);
  expect(first[0]).toEqual({
    key: "1",
    name: "Tenant 1",
    status: "active",
    tier: "shared",
    schema: "public",
    placedIn: databaseId,
  });
  expect(first.at(-1)?.name).toBe("tenants 5000");

  await query(
    url,
    "UPDATE tenants SET name = 'Renamed' WHERE id = 2; UPDATE tenants SET deleted_at = now() WHERE id = 3; DELETE FROM tenants WHERE id = 4",
  );
  expect(await syncTenants(administrator, databaseId)).toEqual({ tenants: 1201, archived: 1 });
  const second = await tenantsOf(databaseId);
  expect(second.slice(1, 4).map(({ name, status }) => [name, status])).toEqual([
    ["Renamed", "active"],
    ["Tenant 3", "archived"],
    ["Tenant 4", "archived"],
  ]);
  await query(url, "UPDATE tenants SET deleted_at = NULL WHERE id = 3");
  await syncTenants(administrator, databaseId);
  expect((await tenantsOf(databaseId))[2]?.status).toBe("active");
});

test("a tenant that the application deleted and restores comes back whatever was said of it before; one archived here does not", async () => {
  const { url, databaseId } = await foreignDatabase(schema);
  await query(url, "INSERT INTO tenants VALUES (1, 'Reopened', 'one'), (2, 'Suspended', 'two'), (3, 'Left', 'three')");
  await adopt(administrator, databaseId);
  await syncTenants(administrator, databaseId);
  const said = async (key: string, status: string, reason: string) =>
    controlPool().query("UPDATE tenants SET status = $3, status_reason = $4 WHERE home_database_id = $1 AND key = $2", [
      databaseId,
      key,
      status,
      reason,
    ]);
  await said("1", "active", "The invoice was paid.");
  await said("2", "suspended", "The invoice is open.");
  await said("3", "archived", "Archived: the contract ended.");
  await leave(databaseId, "3");
  await query(url, "UPDATE tenants SET deleted_at = now()");
  await syncTenants(administrator, databaseId);
  expect((await tenantsOf(databaseId)).map(({ status }) => status)).toEqual(["archived", "archived", "archived"]);
  await query(url, "UPDATE tenants SET deleted_at = NULL");
  await syncTenants(administrator, databaseId);
  expect((await tenantsOf(databaseId)).map(({ status }) => status)).toEqual(["active", "active", "archived"]);
});

/** As archiving a tenant here does. */
async function leave(databaseId: string, key: string): Promise<void> {
  await controlPool().query(
    `UPDATE placements p SET state = 'dropped', closed_at = now()
       FROM tenants t WHERE t.id = p.tenant_id AND t.home_database_id = $1 AND t.key = $2`,
    [databaseId, key],
  );
}

test("a tenant that an import of before archived under an older reason comes back, since it still lives there", async () => {
  const { url, databaseId } = await foreignDatabase(schema);
  await query(url, "INSERT INTO tenants VALUES (1, 'Stuck', 'one'), (2, 'Gone', 'two'), (3, 'Left', 'three')");
  await adopt(administrator, databaseId);
  await syncTenants(administrator, databaseId);
  await controlPool().query(
    "UPDATE tenants SET status = 'archived', status_reason = 'The invoice was paid.' WHERE home_database_id = $1",
    [databaseId],
  );
  await query(url, "UPDATE tenants SET deleted_at = now() WHERE id = 2");
  await leave(databaseId, "3");
  for (const _again of [1, 2]) await syncTenants(administrator, databaseId);
  const { rows } = await controlPool().query(
    "SELECT status, status_reason AS reason FROM tenants WHERE home_database_id = $1 ORDER BY key",
    [databaseId],
  );
  const archived = { status: "archived", reason: "The invoice was paid." };
  expect(rows).toEqual([{ status: "active", reason: null }, archived, archived]);
});

test("importing again writes nothing when nothing has changed", async () => {
  const { url, databaseId } = await foreignDatabase(schema);
  await query(url, "INSERT INTO tenants SELECT n, 'Tenant ' || n FROM generate_series(1, 20) AS n");
  await adopt(administrator, databaseId);
  await syncTenants(administrator, databaseId);
  const count = () =>
    controlPool().query("SELECT count(*) FROM caretaker.audit_logs WHERE resource_type IN ('tenants', 'placements')");
  const before = (await count()).rows;
  await syncTenants(administrator, databaseId);
  expect((await count()).rows).toEqual(before);
});

test("a tenant with a schema of its own is placed there, and that schema's tables are its alone", async () => {
  const { url, databaseId } = await foreignDatabase(`${schema}
    INSERT INTO tenants VALUES (7, 'Seven', 'seven'), (8, 'Eight', 'eight');
    CREATE SCHEMA t_7;
    CREATE TABLE t_7.orders (id bigint PRIMARY KEY, total numeric);
    CREATE TABLE t_7.users (id bigint PRIMARY KEY, email text);`);
  const model = await adopt(administrator, databaseId);
  expect(model.tables.find((table) => table.schema === "t_7" && table.name === "orders")).toMatchObject({
    class: "tenant",
    tenantConstant: "7",
    reason: "The schema t_7 holds tenant 7 alone.",
  });
  await syncTenants(administrator, databaseId);
  expect((await tenantsOf(databaseId)).map(({ key, tier, schema: place }) => [key, tier, place])).toEqual([
    ["7", "schema", "t_7"],
    ["8", "shared", "public"],
  ]);
  await query(url, "INSERT INTO t_7.orders VALUES (1, 5)");
  expect(await query(url, "SELECT tenant_id FROM caretaker.audit_logs WHERE resource_schema = 't_7'")).toEqual([
    { tenant_id: "7" },
  ]);
});

test("a tenant that owns a whole database is placed there, whichever is imported first", async () => {
  const home = await foreignDatabase(schema);
  await query(home.url, "INSERT INTO tenants VALUES (42, 'Outgrown', 'outgrown')");
  await adopt(administrator, home.databaseId);
  await syncTenants(administrator, home.databaseId);
  const own = await foreignDatabase("CREATE TABLE orders (id bigint PRIMARY KEY, total numeric)");
  await adopt(administrator, own.databaseId, (model) => ({
    ...model,
    ownTenantKey: "42",
    homeDatabaseId: home.databaseId,
    tables: model.tables.map((table) => ({ ...table, class: "tenant" as const, tenantConstant: "42" })),
  }));
  await syncTenants(administrator, own.databaseId);
  await syncTenants(administrator, home.databaseId);
  expect(await tenantsOf(home.databaseId)).toMatchObject([{ key: "42", tier: "database", placedIn: own.databaseId }]);
});

test("removing an adoption archives its tenants, and adopting again brings them back", async () => {
  const { url, databaseId } = await foreignDatabase(schema);
  await query(url, "INSERT INTO tenants VALUES (1, 'One', 'one')");
  await adopt(administrator, databaseId);
  await syncTenants(administrator, databaseId);
  const { hash } = await planRemoval(administrator, databaseId);
  await removeAdoption(administrator, { databaseId, planHash: hash });
  expect(await tenantsOf(databaseId)).toMatchObject([{ status: "archived", tier: null }]);
  await adopt(administrator, databaseId);
  await syncTenants(administrator, databaseId);
  expect(await tenantsOf(databaseId)).toMatchObject([{ status: "active", tier: "shared" }]);
});

test("a reading that policies may have filtered archives nobody, and says so", async () => {
  const { url } = await foreignDatabase(schema);
  await query(url, "INSERT INTO tenants VALUES (1, 'One', 'one'), (2, 'Two', 'two')");
  const caretaker = `caretaker_${randomUUID().slice(0, 8)}`;
  const password = testServer().password || "none";
  await query(url, `CREATE ROLE ${caretaker} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await query(url, `GRANT ALL ON DATABASE ${new URL(url).pathname.slice(1)} TO ${caretaker}`);
  for (const table of ["tenants", "orders", "users"]) await query(url, `ALTER TABLE ${table} OWNER TO ${caretaker}`);
  const own = new URL(url);
  [own.username, own.password] = [caretaker, password];
  const databaseId = await registerDatabase(own.href, { adoptedAt: null });
  await adopt(administrator, databaseId);
  expect(await syncTenants(administrator, databaseId)).toEqual({ tenants: 2, archived: 0 });

  await query(
    url,
    `ALTER TABLE tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
     CREATE POLICY own ON tenants USING (id::text = current_setting('app.current_tenant_id', true))`,
  );
  expect(await syncTenants(administrator, databaseId)).toEqual({
    tenants: 0,
    archived: 0,
    note: "Row security of public.tenants may hide tenants from the console's role: none was archived.",
  });
  expect((await tenantsOf(databaseId)).map(({ status }) => status)).toEqual(["active", "active"]);
  expect((await adoptionStatus(administrator, databaseId)).drift).toMatchObject([{ table: "public.tenants" }]);

  await query(url, `ALTER ROLE ${caretaker} BYPASSRLS; DELETE FROM tenants WHERE id = 2`);
  expect(await syncTenants(administrator, databaseId)).toEqual({ tenants: 1, archived: 1 });
  expect((await adoptionStatus(administrator, databaseId)).drift).toEqual([]);
});

test("support may not import", async () => {
  const { databaseId } = await foreignDatabase(schema);
  await expect(syncTenants(support, databaseId)).rejects.toMatchObject({ code: "forbidden" });
});
