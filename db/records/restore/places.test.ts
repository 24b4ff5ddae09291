import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl, control } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl, freshDatabase } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { registerDatabase } from "../../testing/register.ts";
import type { Order } from "./at-once.ts";
import { writeChunk } from "./job/chunk.ts";
import { enterPlan } from "./job/enter.ts";
import { placeOfPlan } from "./place.ts";
import { listRestores } from "./report/list.ts";
import { storedPlan } from "./stored.ts";
import { codes, restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TABLE tenants (id text PRIMARY KEY);
  CREATE TABLE orders (id integer PRIMARY KEY, tenant_id text);
  CREATE TABLE lines (id integer PRIMARY KEY, order_id integer REFERENCES orders ON DELETE CASCADE);
  CREATE TABLE countries (id integer PRIMARY KEY);`;

let db: Adopted;
let elsewhere: string;
let ada: Person;
const acme = randomUUID();

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  const toOrders = { schema: "public", table: "orders", columns: ["order_id"], parentColumns: ["id"] };
  db = await adoptedDatabase(
    ddl,
    {
      tenants: { class: "tenant", tenantColumn: "id", tenant: { kind: "self", column: "id" } },
      orders: { class: "tenant", tenantColumn: "tenant_id", tenant: { kind: "column", column: "tenant_id" } },
      lines: {
        ...{ class: "child", tenantPath: [toOrders] },
        tenant: { kind: "path", steps: [toOrders], column: "tenant_id" },
      },
    },
    { tenantsTable: { schema: "public", table: "tenants", key: "id", name: null, slug: null } },
  );
  elsewhere = await registerDatabase(await freshDatabase(), { name: "shop_2" });
  await control().insert(tenants).values({ id: acme, homeDatabaseId: db.id, key: "acme", name: "Acme" });
});

beforeEach(async () => {
  await control().delete(placements);
  await lives(db.id, "open");
  await sql("TRUNCATE tenants, orders, lines, countries");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, run, restore, lastDeletion, deletionOf } = restoring(
  () => db,
  () => ada.actor,
);

async function lives(databaseId: string, state: "open" | "importing"): Promise<void> {
  await control().insert(placements).values({ tenantId: acme, databaseId, schema: "public", tier: "shared", state });
}

async function move(): Promise<void> {
  await control().update(placements).set({ state: "moved" }).where(eq(placements.tenantId, acme));
  await lives(elsewhere, "open");
}

async function removeOrders(): Promise<string> {
  await sql(`INSERT INTO orders VALUES (1, 'acme'), (2, 'zen'); INSERT INTO lines VALUES (1, 1), (2, 2)`);
  await sql("DELETE FROM orders");
  return lastDeletion();
}

test("rows of a tenant that has moved are a problem that names where it lives, and those of others come back", async () => {
  const transaction = await removeOrders();
  const before = await plan({ transaction });
  expect(before).toMatchObject({ status: "clean", writes: 4 });
  await move();
  await expect(run(before)).rejects.toMatchObject({ code: "stale_plan" });
  const after = await plan({ transaction });
  expect(after).toMatchObject({ status: "open", writes: 4 });
  expect(codes(after)).toEqual(["lives_elsewhere row"]);
  expect(after.problems).toMatchObject([{ table: "orders", rows: 1, open: 1, offers: ["skip"] }]);
  expect(after.problems[0]?.examples[0]?.message).toMatch(/tenant acme lives in shop_2, schema public now/);
  await expect(run(after)).rejects.toMatchObject({ code: "conflict" });
  const kinds = Object.fromEntries(after.problems.map(({ key }) => [key, { do: "skip" as const }]));
  await restore({ transaction, choices: { kinds } });
  expect(await sql("SELECT id FROM orders")).toEqual([{ id: 2 }]);
  expect(await sql("SELECT id FROM lines")).toEqual([{ id: 2 }]);
});

test("a tenant that is about to come, or has left, does not live here", async () => {
  const transaction = await removeOrders();
  await control().update(placements).set({ state: "dropped" });
  const left = await plan({ transaction });
  expect(left.problems[0]?.examples[0]?.message).toMatch(/tenant acme has left and lives nowhere any more/);
  await control().delete(placements);
  await lives(elsewhere, "open");
  await lives(db.id, "importing");
  expect(codes(await plan({ transaction }))).toEqual(["lives_elsewhere row"]);
});

test("a restore is not taken back where its tenant does not live any more", async () => {
  const { restore: id } = await restore({ transaction: await removeOrders() });
  await move();
  expect(codes(await plan({ undo: id }))).toEqual(["lives_elsewhere row"]);
});

test("a job writes no chunk for a tenant that has moved since it was planned", async () => {
  const planned = await plan({ transaction: await removeOrders() });
  const stored = await storedPlan(planned.hash);
  const order: Order = { restore: randomUUID(), plan: planned.hash, stored, reason: null, rowsInChunk: 100 };
  const place = await placeOfPlan(stored);
  expect(await enterPlan(ada.actor, place, order)).toMatchObject({ chunks: 1 });
  await move();
  await expect(writeChunk(ada.actor, place, order, 1)).rejects.toThrow(/tenant acme lives in shop_2/);
  expect(await sql("SELECT FROM orders")).toEqual([]);
});

test("the list of tenants stays where it is, and what is nobody's is nobody's though somebody worked for the tenant", async () => {
  await move();
  await sql("INSERT INTO tenants VALUES ('acme'); INSERT INTO countries VALUES (1)");
  await sql(
    `BEGIN; SELECT set_config('app.current_tenant_id', 'acme', true); DELETE FROM tenants; DELETE FROM countries; COMMIT`,
  );
  expect(await plan({ transaction: await lastDeletion() })).toMatchObject({
    status: "clean",
    writes: 2,
    tenant: "acme",
  });
});

test("what the gate of a move refuses is told as that, with where the tenant lives", async () => {
  await sql(`INSERT INTO orders VALUES (1, 'acme'); DELETE FROM orders`);
  const planned = await plan({ entry: await deletionOf("orders", "1") });
  await sql(`INSERT INTO caretaker.gates (tenant_key, schema_name, state, move_id, placement, before)
    VALUES ('acme', 'public', 'moved', gen_random_uuid(), '{"database": "shop_2", "schema": "acme"}', '{}');
    CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM caretaker.pass_gate('acme', 'public', 1); RETURN NEW; END $$;
    CREATE TRIGGER pass BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION pass()`);
  const said = "Tenant acme does not live here. It lives in shop_2, schema acme. Nothing was written.";
  await expect(run(planned)).rejects.toMatchObject({ code: "conflict", message: said });
  const { rows } = await listRestores(ada.actor, { database: db.id });
  expect(rows[0]).toMatchObject({ state: "failed", error: said });
  await sql("DROP FUNCTION pass CASCADE; DELETE FROM caretaker.gates");
});
