import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import type { TableHealth } from "./contract.ts";
import { softDeleteHealth } from "./read.ts";

const ddl = `
  CREATE TABLE "Account" (id integer PRIMARY KEY, "eMail" text CONSTRAINT one_account UNIQUE, slug text, handle text UNIQUE, "deletedAt" timestamptz);
  CREATE UNIQUE INDEX account_slug ON "Account" (lower(slug)) WHERE "deletedAt" IS NULL;
  CREATE TABLE orders (id integer PRIMARY KEY, account integer REFERENCES "Account", deleted boolean NOT NULL DEFAULT false);
  CREATE TABLE lines (id integer PRIMARY KEY, "order" integer REFERENCES orders, handle text REFERENCES "Account" (handle));
  CREATE VIEW active_orders WITH (security_invoker = true) AS SELECT id FROM orders WHERE deleted IS NOT TRUE;
  INSERT INTO "Account" SELECT n, 'a' || n || '@x', 's' || n, 'h' || n, CASE WHEN n % 4 = 0 THEN now() END FROM generate_series(1, 20000) n;
  INSERT INTO orders SELECT n, n, n % 10 = 0 FROM generate_series(1, 40) n;
  INSERT INTO lines VALUES (1, 10, 'h1'), (2, 11, 'h4');
  ANALYZE;`;

let db: Adopted;
let tables: TableHealth[];
let sam: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  sam = await person("support", "Sam");
  db = await adoptedDatabase(ddl, {
    Account: { softDelete: { column: "deletedAt", kind: "timestamp" } },
    orders: { softDelete: { column: "deleted", kind: "boolean" } },
  });
  tables = await healthOf();
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

async function healthOf(): Promise<TableHealth[]> {
  const { databases, silent } = await softDeleteHealth(sam.actor, { database: db.id });
  expect(silent).toEqual([]);
  return databases[0]?.tables ?? [];
}

function found(table: string, code: string) {
  return tables.find((one) => one.table === table)?.findings.filter((one) => one.code === code) ?? [];
}

test("estimates how much of each table is dead weight", () => {
  expect(tables.map(({ table, rows, marked }) => ({ table, rows, marked }))).toEqual([
    { table: "Account", rows: 20_000, marked: 5_000 },
    { table: "orders", rows: 40, marked: 4 },
  ]);
});

test("names unique indexes that keep the values of deleted rows taken, but not those over live rows", async () => {
  const blocking = found("Account", "blocks_reuse");
  expect(blocking).toHaveLength(2);
  expect(blocking.map(({ message }) => message).join()).toMatch(/Account_handle_key .*one_account/);
  expect(blocking.find(({ message }) => message.includes("handle"))?.statements).toEqual([]);
  for (const sql of blocking.find(({ message }) => message.startsWith("one_account"))?.statements ?? []) {
    await db.client.query(sql);
  }
  await db.client.query(`INSERT INTO "Account" (id, "eMail") VALUES (90001, 'a4@x')`);
  await expect(db.client.query(`INSERT INTO "Account" (id, "eMail") VALUES (90002, 'a5@x')`)).rejects.toMatchObject({
    code: "23505",
  });
});

test("asks for indexes only where the table is big enough for them to matter, and the statements make them", async () => {
  expect(found("Account", "no_index_of_deleted_rows")).toHaveLength(1);
  expect(found("orders", "no_index_of_deleted_rows")).toEqual([]);
  expect(found("Account", "no_index_of_live_rows")).toEqual([]);
  for (const { statements } of found("Account", "no_index_of_deleted_rows"))
    for (const sql of statements) await db.client.query(sql);
  tables = await healthOf();
  expect(found("Account", "no_index_of_deleted_rows")).toEqual([]);
});

test("counts live rows that point at deleted ones, and leaves out children that are deleted too", () => {
  const messages = found("Account", "points_at_deleted").map(({ message }) => message);
  expect(messages.some((message) => /^8 live rows of orders point at/.test(message))).toBe(true);
  expect(messages.some((message) => /^1 live row of lines points at/.test(message))).toBe(true);
  expect(found("orders", "points_at_deleted").map(({ message }) => message)[0]).toMatch(/^1 live row of lines/);
});

test("sees whether the view of live rows is there and shows every column", async () => {
  expect(found("Account", "view_missing")).toHaveLength(1);
  expect(found("orders", "view_out_of_date")[0]?.message).toMatch(/lacks account, deleted/);
  for (const { statements } of [...found("Account", "view_missing"), ...found("orders", "view_out_of_date")]) {
    for (const sql of statements) await db.client.query(sql);
  }
  tables = await healthOf();
  expect(tables.flatMap(({ findings }) => findings).filter(({ code }) => code.startsWith("view"))).toEqual([]);
  const { rows } = await db.client.query("SELECT count(*)::int AS live FROM active_orders");
  expect(rows).toEqual([{ live: 36 }]);
});
