import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { rowSecurityStatements } from "../../managed/row-security.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { readRestore } from "./report/read.ts";
import { restoring } from "./testing/restoring.ts";

const tables = (schema: string) => `
  CREATE TABLE ${schema}.clients (id integer PRIMARY KEY, tenant_id text, name text UNIQUE);
  CREATE TABLE ${schema}.bills (id integer PRIMARY KEY, tenant_id text, client integer REFERENCES ${schema}.clients ON DELETE CASCADE);
  CREATE TABLE ${schema}.calls (id integer PRIMARY KEY, tenant_id text, client integer REFERENCES ${schema}.clients ON DELETE SET NULL);`;
const rowsOf = (schema: string, tenant: string) => `
  INSERT INTO ${schema}.clients VALUES (1, '${tenant}', 'One'); INSERT INTO ${schema}.bills VALUES (1, '${tenant}', 1), (2, '${tenant}', 1);
  INSERT INTO ${schema}.calls VALUES (1, '${tenant}', 1);`;

const byColumn = { tenant: { kind: "column" as const, column: "tenant_id" } };
const own = { clients: byColumn, bills: byColumn, calls: byColumn };

let ada: Person;
const open: Adopted[] = [];

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
});

afterAll(async () => {
  for (const { client } of open) await client.end();
  await closeFleet();
  await closeControl();
});

async function adopted(...given: Parameters<typeof adoptedDatabase>): Promise<Adopted> {
  const db = await adoptedDatabase(...given);
  open.push(db);
  return db;
}

const within = (db: Adopted) =>
  restoring(
    () => db,
    () => ada.actor,
  );

const contents = async (db: Adopted, schema: string) =>
  (
    await db.client.query(
      `SELECT (SELECT count(*) FROM ${schema}.clients)::int AS clients, (SELECT count(*) FROM ${schema}.bills)::int AS bills,
              (SELECT count(client) FROM ${schema}.calls)::int AS calls`,
    )
  ).rows;

const whole = [{ clients: 1, bills: 2, calls: 1 }];
const none = [{ clients: 0, bills: 0, calls: 0 }];

test("in the schema tier a tenant's rows come back into its own schema, and another's with the same keys stay as they are", async () => {
  const db = await adopted(`CREATE SCHEMA acme; CREATE SCHEMA zen; ${tables("acme")} ${tables("zen")}`, own);
  await db.client.query(rowsOf("acme", "acme") + rowsOf("zen", "zen"));
  await db.client.query("DELETE FROM zen.clients");
  await db.client.query("DELETE FROM acme.clients");
  const { restore, lastDeletion } = within(db);
  const { plan, restore: id } = await restore({ transaction: await lastDeletion() });
  expect(plan).toMatchObject({ status: "clean", writes: 4, tenant: "acme", problems: [] });
  expect(plan.tables.every(({ schema }) => schema === "acme")).toBe(true);
  expect(await contents(db, "acme")).toEqual(whole);
  expect(await contents(db, "zen")).toEqual(none);
  const { rows } = await db.client.query(
    "SELECT DISTINCT tenant_id, metadata ->> 'reason' AS reason FROM caretaker.audit_logs WHERE user_id = $1",
    [ada.id],
  );
  expect(rows).toEqual([{ tenant_id: "acme", reason: "Customer asked" }]);
  await restore({ undo: id });
  expect(await contents(db, "acme")).toEqual(none);
});

test("in the database tier rows come back into the tenant's own database, and its entries are none of another's", async () => {
  const shared = await adopted(tables("public"), own);
  const alone = await adopted(tables("public"), own, { ownTenantKey: "acme", homeDatabaseId: shared.id });
  for (const { client } of [shared, alone]) await client.query(`${rowsOf("public", "acme")} DELETE FROM clients`);
  const { restore, plan, deletionOf } = within(alone);
  const entry = await deletionOf("clients", "1");
  await expect(within(shared).plan({ entry })).rejects.toMatchObject({ code: "not_found" });
  expect(await plan({ entry })).toMatchObject({ status: "clean", database: alone.id, tenant: "acme" });
  const { restore: id } = await restore({ entry });
  expect(await contents(alone, "public")).toEqual(whole);
  expect(await contents(shared, "public")).toEqual(none);
  expect(await readRestore(ada.actor, { id })).toMatchObject({
    state: "done",
    database: alone.id,
    written: 4,
    exact: 4,
  });
  await expect(within(shared).plan({ undo: id })).rejects.toMatchObject({ code: "conflict" });
});

test("a suspended tenant's rows come back for the console and stay closed to the application until it is reopened", async () => {
  const db = await adopted(tables("public"), own);
  const role = `app_${crypto.randomUUID().slice(0, 8)}`;
  await db.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
    GRANT USAGE ON SCHEMA caretaker TO ${role}`);
  for (const name of Object.keys(own)) {
    const secured = { schema: "public", name, tenantColumn: "tenant_id", tenantType: "text" };
    for (const { sql } of rowSecurityStatements(secured, role)) await db.client.query(sql);
  }
  await db.client.query(`${rowsOf("public", "acme")} DELETE FROM clients;
    INSERT INTO caretaker.suspended_tenants (tenant_key, reason) VALUES ('acme', 'unpaid')`);
  const { restore, lastDeletion } = within(db);
  const { plan } = await restore({ transaction: await lastDeletion() });
  expect(plan.notes).toEqual([
    "Tenant acme is suspended: its rows come back, and its people see them once it is reopened.",
  ]);
  expect(await contents(db, "public")).toEqual(whole);

  const url = new URL(db.url);
  url.username = role;
  url.password = "x";
  const app = new pg.Client(url.href);
  await app.connect();
  const seen = async () => {
    await app.query("BEGIN");
    try {
      await app.query("SELECT set_config('app.current_tenant_id', 'acme', true)");
      return (await app.query("SELECT count(*)::int AS bills FROM bills")).rows;
    } finally {
      await app.query("ROLLBACK");
    }
  };
  await expect(seen()).rejects.toThrow("Tenant acme is suspended.");
  await db.client.query("DELETE FROM caretaker.suspended_tenants");
  expect(await seen()).toEqual([{ bills: 2 }]);
  await app.end();
});
