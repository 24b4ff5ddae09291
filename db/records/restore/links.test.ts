import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { codes, restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TABLE customers (id integer PRIMARY KEY, region text, name text, UNIQUE (region, id));
  CREATE TABLE agents (id integer PRIMARY KEY, deleted_at timestamptz, note text, chief integer REFERENCES agents);
  CREATE TABLE orders (id integer PRIMARY KEY, customer integer REFERENCES customers ON DELETE SET NULL,
    agent integer DEFAULT 9 REFERENCES agents ON DELETE SET DEFAULT, note text);
  CREATE TABLE visits (id bigint PRIMARY KEY, region text NOT NULL, customer integer,
    FOREIGN KEY (region, customer) REFERENCES customers (region, id) ON DELETE SET NULL (customer));
  CREATE TABLE staff (id integer PRIMARY KEY, boss integer REFERENCES staff);
  CREATE TABLE quiet (id integer PRIMARY KEY, customer integer REFERENCES customers ON DELETE SET NULL);`;

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, {
    agents: { softDelete: { column: "deleted_at", kind: "timestamp" } },
  });
});

beforeEach(async () => {
  await db.client.query(`TRUNCATE customers, agents, orders, visits, staff, quiet CASCADE;
    INSERT INTO customers VALUES (1, 'eu', 'Ada'), (2, 'eu', 'Bo'); INSERT INTO agents VALUES (7), (9);
    INSERT INTO orders VALUES (1, 1, 7, 'a'), (2, 1, 9, 'b'), (3, 2, 7, 'c'); INSERT INTO visits VALUES (1, 'eu', 1)`);
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, restore, run, deletionOf, lastDeletion, receipts } = restoring(
  () => db,
  () => ada.actor,
);

const orders = () => sql("SELECT id, customer, agent FROM orders ORDER BY id");

test("rows whose pointer the deletion took away point to the row again, each proven, and an undo takes the pointers away again", async () => {
  const before = await orders();
  await db.client.query("DELETE FROM customers WHERE id = 1");
  const planned = await plan({ entry: await deletionOf("customers", "1") });
  expect(planned).toMatchObject({ status: "clean", writes: 4, problems: [] });
  expect(planned.tables.map(({ name, writes, links }) => ({ name, writes, links }))).toEqual([
    { name: "customers", writes: 1, links: 0 },
    { name: "orders", writes: 2, links: 2 },
    { name: "visits", writes: 1, links: 1 },
  ]);
  expect(planned.notes).toEqual([]);
  const { restore: done } = await run(planned);
  expect(await orders()).toEqual(before);
  expect(await sql("SELECT region, customer FROM visits")).toEqual([{ region: "eu", customer: 1 }]);
  const rows = await receipts(done);
  expect(rows.filter(({ origin }) => origin === "link")).toMatchObject([
    { earlier: { customer: null }, given: { customer: 1 }, changed: [], differing: [] },
    { earlier: { customer: null }, given: { customer: 1 } },
    { earlier: { customer: null }, given: { customer: 1 } },
  ]);
  expect(rows.every(({ before_hash, row_hash }) => String(before_hash) === String(row_hash))).toBe(true);

  const undo = await plan({ undo: done });
  expect(undo).toMatchObject({ status: "clean", writes: 4, problems: [] });
  await run(undo);
  expect(await orders()).toMatchObject([{ customer: null }, { customer: null }, { customer: 2 }]);
  expect(await sql("SELECT id FROM customers")).toEqual([{ id: 2 }]);
});

test("a default that the deletion set is taken back, and so is a pointer that the application cleared itself", async () => {
  const before = await orders();
  await db.client.query("DELETE FROM agents WHERE id = 7");
  expect(await orders()).toMatchObject([{ agent: 9 }, { agent: 9 }, { agent: 9 }]);
  await restore({ transaction: await lastDeletion() });
  expect(await orders()).toEqual(before);

  await db.client.query(
    "BEGIN; UPDATE orders SET agent = NULL WHERE agent = 7; UPDATE agents SET deleted_at = now() WHERE id = 7; COMMIT",
  );
  await restore({ schema: "public", table: "agents", record: "7" });
  expect(await orders()).toEqual(before);
});

test("rows that name their own table point to it again where the application cleared them, and the undo holds too", async () => {
  await db.client.query(`INSERT INTO staff VALUES (1, NULL), (2, 1), (3, 2);
    BEGIN; UPDATE staff SET boss = NULL WHERE id IN (2, 3); DELETE FROM staff WHERE id < 3; COMMIT`);
  const { restore: done, plan: planned } = await restore({ transaction: await lastDeletion() });
  expect(planned).toMatchObject({ writes: 3, problems: [] });
  expect(await sql("SELECT id, boss FROM staff ORDER BY id")).toEqual([
    { id: 1, boss: null },
    { id: 2, boss: null },
    { id: 3, boss: 2 },
  ]);
  await restore({ undo: done });
  expect(await sql("SELECT id, boss FROM staff ORDER BY id")).toEqual([{ id: 3, boss: null }]);
});

test("a row that points again keeps its unique value before one that comes back with the same", async () => {
  await db.client.query(`CREATE UNIQUE INDEX notes ON agents (note) WHERE deleted_at IS NULL; INSERT INTO agents VALUES (1, NULL, 'x', NULL), (2, NULL, 'y', 1);
    BEGIN; UPDATE agents SET chief = NULL WHERE id = 2; UPDATE agents SET deleted_at = now() WHERE id = 1; COMMIT; UPDATE agents SET note = 'x' WHERE id = 2`);
  const from = { schema: "public", table: "agents", record: "1" };
  const planned = await plan({ ...from, choose: { unique_clash: { do: "null" } } });
  expect(planned.problems.flatMap(({ examples }) => examples.map(({ record }) => record))).toEqual(["1"]);
  await run(planned);
  expect(await sql("SELECT id, note, chief FROM agents WHERE id < 3 ORDER BY id")).toEqual([
    { id: 1, note: null, chief: null },
    { id: 2, note: "x", chief: 1 },
  ]);
});

test("rows that point elsewhere by now, are gone, or were given another parent are left as they are", async () => {
  await db.client.query("DELETE FROM customers WHERE id = 1; UPDATE orders SET customer = 2 WHERE id = 1");
  await db.client.query("DELETE FROM orders WHERE id = 2; INSERT INTO orders VALUES (2, NULL, 9, 'another')");
  const { plan: planned } = await restore({ entry: await deletionOf("customers", "1") });
  expect(codes(planned)).toEqual(["points_elsewhere row"]);
  expect(planned).toMatchObject({ status: "clean", writes: 2 });
  expect(planned.problems[0]?.examples).toMatchObject([{ record: "1" }]);
  expect(await orders()).toMatchObject([{ customer: 2 }, { customer: null }, { customer: 2 }]);

  await db.client.query("BEGIN; UPDATE orders SET customer = 1; DELETE FROM customers WHERE id = 2; COMMIT");
  expect(await plan({ transaction: await lastDeletion() })).toMatchObject({ writes: 1, problems: [] });
});

test("a row that was made anew under its key and then lost its pointer points again, and is not put back twice", async () => {
  await db.client.query(`BEGIN; DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (1, 1, 9, 'anew');
    DELETE FROM customers WHERE id = 1; COMMIT`);
  const { plan: planned } = await restore({ transaction: await lastDeletion() });
  expect(codes(planned)).toEqual(["already_live row"]);
  expect(await sql("SELECT customer, note FROM orders WHERE id = 1")).toEqual([{ customer: 1, note: "anew" }]);
});

test("they can be left out, and stay without a pointer when their parent stays deleted", async () => {
  await db.client.query("DELETE FROM customers WHERE id = 1");
  const entry = await deletionOf("customers", "1");
  expect(await plan({ entry, links: false })).toMatchObject({ writes: 1 });
  expect(await plan({ entry, leave: ["public.orders"] })).toMatchObject({ writes: 2 });
  await db.client.query("ALTER TABLE customers ADD CHECK (name <> 'Ada')");
  const planned = await plan({ entry, choose: { check_failed: { do: "skip" } } });
  expect(planned).toMatchObject({ status: "nothing", writes: 0 });
  await db.client.query("ALTER TABLE customers DROP CONSTRAINT customers_name_check");
});

test("a plan is refused once a row that would point again points elsewhere", async () => {
  await db.client.query("DELETE FROM customers WHERE id = 1");
  const planned = await plan({ entry: await deletionOf("customers", "1") });
  await db.client.query("UPDATE orders SET customer = 2 WHERE id = 1");
  await expect(run(planned)).rejects.toMatchObject({ code: "stale_plan" });
  expect(await orders()).toMatchObject([{ customer: 2 }, { customer: null }, { customer: 2 }]);
});

test("of a table that is not audited it is said that what pointed to the row is not known", async () => {
  await controlPool().query("UPDATE managed_tables SET audited = false WHERE name = 'quiet'");
  await db.client.query("DELETE FROM customers WHERE id = 2");
  const planned = await plan({ entry: await deletionOf("customers", "2") });
  expect(planned.notes).toEqual([
    "Which rows of public.quiet pointed to what was deleted is not known, because the table is not audited.",
  ]);
});
