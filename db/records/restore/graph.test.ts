import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { codes, restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE SCHEMA shop;
  CREATE TABLE shop."Customer" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "fullName" text, deleted_at timestamptz);
  CREATE TABLE orders (id integer PRIMARY KEY, "customerId" bigint REFERENCES shop."Customer" ON DELETE CASCADE, note text);
  CREATE TABLE items (order_id integer REFERENCES orders ON DELETE CASCADE, line smallint, sku text, PRIMARY KEY (order_id, line));
  CREATE TABLE parcels (id integer PRIMARY KEY, order_id integer, line smallint,
    FOREIGN KEY (order_id, line) REFERENCES items ON DELETE CASCADE);
  CREATE TABLE tags (id integer PRIMARY KEY, name text UNIQUE);
  CREATE TABLE order_tags (order_id integer REFERENCES orders ON DELETE CASCADE, tag_id integer REFERENCES tags ON DELETE CASCADE,
    PRIMARY KEY (order_id, tag_id));
  CREATE TABLE logs (order_id integer REFERENCES orders ON DELETE CASCADE, line text);
  CREATE TABLE staff (id integer PRIMARY KEY, boss integer REFERENCES staff, name text);
  CREATE TABLE teams (id integer PRIMARY KEY, lead integer NOT NULL);
  CREATE TABLE members (id integer PRIMARY KEY, team integer NOT NULL REFERENCES teams);
  ALTER TABLE teams ADD FOREIGN KEY (lead) REFERENCES members;
  CREATE TABLE events (id integer, month date, order_id integer REFERENCES orders ON DELETE CASCADE, PRIMARY KEY (id, month)) PARTITION BY RANGE (month);
  CREATE TABLE events_jan PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE TABLE events_feb PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
  CREATE TABLE codes (id integer PRIMARY KEY, code text UNIQUE);
  CREATE TABLE uses (id integer PRIMARY KEY, code text REFERENCES codes (code));`;

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, { Customer: { softDelete: { column: "deleted_at", kind: "timestamp" } } });
});

beforeEach(async () => {
  await db.client.query(
    `TRUNCATE shop."Customer", orders, items, parcels, tags, order_tags, logs, staff, teams, members, events, codes, uses RESTART IDENTITY CASCADE`,
  );
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, restore, deletionOf, lastDeletion } = restoring(
  () => db,
  () => ada.actor,
);

async function shop(): Promise<void> {
  await db.client.query(`
    INSERT INTO shop."Customer" ("fullName") VALUES ('Ada'), ('Bo');
    INSERT INTO tags VALUES (1, 'red'), (2, 'blue');
    INSERT INTO orders SELECT n, 1, 'order ' || n FROM generate_series(1, 3) n;
    INSERT INTO items SELECT o, l, 'sku' || l FROM generate_series(1, 3) o, generate_series(1, 2) l;
    INSERT INTO parcels SELECT 10 * o + l, o, l FROM generate_series(1, 3) o, generate_series(1, 2) l;
    INSERT INTO order_tags VALUES (1, 1), (1, 2), (2, 1);
    INSERT INTO logs VALUES (1, 'made'), (1, 'made'), (2, 'made');
    INSERT INTO events VALUES (1, '2026-01-05', 1), (2, '2026-02-05', 1)`);
}

const tables = ["orders", "items", "parcels", "order_tags", "logs", "events"];

async function contents(): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const table of [...tables, 'shop."Customer"']) all.push(await sql(`SELECT t::text FROM ${table} t ORDER BY 1`));
  return all;
}

describe("a deletion over several tables", () => {
  test("comes back whole, from the transaction or from any of its rows, across schemas, partitions and tables without a key", async () => {
    await shop();
    const before = await contents();
    for (const from of ["transaction", "entry"] as const) {
      await db.client.query(`DELETE FROM shop."Customer" WHERE id = 1`);
      const planned = await plan(
        from === "transaction" ? { transaction: await lastDeletion() } : { entry: await deletionOf("Customer", "1") },
      );
      expect(planned).toMatchObject({ status: "clean", writes: 3 + 6 + 6 + 3 + 3 + 2 + 1, problems: [] });
      await restore(
        from === "transaction" ? { transaction: await lastDeletion() } : { entry: await deletionOf("Customer", "1") },
      );
      expect(await contents()).toEqual(before);
    }
  });

  test("comes back to its last leaf from the row that all hung from, where a table's rows hang from each other", async () => {
    await db.client.query(`INSERT INTO staff SELECT n, nullif(n - 1, 0), 'level ' || n FROM generate_series(1, 6) n;
      BEGIN; DELETE FROM staff WHERE id = 6; COMMIT; BEGIN; DELETE FROM staff; COMMIT`);
    const { plan: planned } = await restore({
      entry: await deletionOf("staff", "2"),
      choose: { parent_deleted: { do: "null" } },
    });
    expect(planned).toMatchObject({ status: "clean", writes: 4 });
    expect(await sql("SELECT id, boss FROM staff ORDER BY id")).toEqual([
      { id: 2, boss: null },
      { id: 3, boss: 2 },
      { id: 4, boss: 3 },
      { id: 5, boss: 4 },
    ]);
  });

  test("leaves children out when asked to, all of them or those of some tables", async () => {
    await shop();
    await db.client.query("DELETE FROM orders WHERE id = 1");
    const entry = await deletionOf("orders", "1");
    expect(await plan({ entry, children: false })).toMatchObject({ writes: 1 });
    const some = await plan({ entry, leave: ["public.logs", "public.events"] });
    expect(some.tables.map(({ name }) => name).toSorted()).toEqual(["items", "order_tags", "orders", "parcels"]);
    await restore({ entry, leave: ["public.logs", "public.events"] });
    expect(await sql("SELECT count(*)::int AS rows FROM parcels WHERE order_id = 1")).toEqual([{ rows: 2 }]);
    expect(await sql("SELECT count(*)::int AS rows FROM logs WHERE order_id = 1")).toEqual([{ rows: 0 }]);
  });

  test("asks for a parent that went in another deletion, and brings it with its own parents", async () => {
    await shop();
    await db.client.query("DELETE FROM parcels WHERE id = 11");
    const entry = await deletionOf("parcels", "11");
    await db.client.query(`DELETE FROM shop."Customer" WHERE id = 1`);
    const planned = await plan({ entry });
    expect(codes(planned)).toEqual(["parent_deleted parcels_order_id_line_fkey"]);
    expect(planned.problems[0]?.examples[0]).toMatchObject({
      about: { table: "items", record: '["1","1"]', entry: await deletionOf("items", '["1","1"]') },
    });
    const { plan: whole } = await restore({ entry, choose: { parent_deleted: { do: "include" } } });
    expect(whole).toMatchObject({ status: "clean", writes: 4 });
    expect(
      await sql(`SELECT o.id, c."fullName" FROM orders o JOIN shop."Customer" c ON c.id = o."customerId"`),
    ).toEqual([{ id: 1, fullName: "Ada" }]);
    expect(await sql("SELECT order_id, line FROM items")).toEqual([{ order_id: 1, line: 1 }]);
  });

  test("tells a parent that the log knows nothing of, and lets the row belong to another or to none", async () => {
    await db.client.query(`INSERT INTO orders VALUES (1, NULL, 'one'), (2, NULL, 'two'); INSERT INTO shop."Customer" ("fullName") VALUES ('Cy');
      ALTER TABLE orders DROP CONSTRAINT "orders_customerId_fkey"; UPDATE orders SET "customerId" = 999; DELETE FROM orders;
      ALTER TABLE orders ADD FOREIGN KEY ("customerId") REFERENCES shop."Customer" ON DELETE CASCADE`);
    const transaction = await lastDeletion();
    const planned = await plan({ transaction });
    expect(planned.problems).toMatchObject([
      { code: "parent_missing", offers: ["point", "null", "skip"], rows: 2, open: 2 },
    ]);
    const [kind] = planned.problems;
    const wrong = await plan({ transaction, choose: { parent_missing: { do: "point", to: "5" } } });
    expect(wrong.problems[0]).toMatchObject({ open: 2 });
    expect(wrong.problems[0]?.examples[0]?.message).toContain("Customer has no such row");
    const none = await plan({ transaction, choose: { parent_missing: { do: "point", to: "no number" } } });
    expect(none.problems[0]?.examples[0]?.message).toContain("invalid input syntax");
    await restore({
      transaction,
      choices: {
        kinds: { [kind?.key ?? ""]: { do: "null" } },
        rows: { [await deletionOf("orders", "2")]: { [kind?.key ?? ""]: { do: "point", to: "1" } } },
      },
    });
    expect(await sql(`SELECT id, "customerId" FROM orders ORDER BY id`)).toEqual([
      { id: 1, customerId: null },
      { id: 2, customerId: "1" },
    ]);
  });

  test("leaves with a row that is skipped what hangs from it", async () => {
    await shop();
    await db.client.query("INSERT INTO tags VALUES (3, 'green'); INSERT INTO order_tags VALUES (3, 3)");
    await db.client.query("BEGIN; DELETE FROM tags WHERE id = 3; DELETE FROM orders WHERE id = 1; COMMIT");
    const transaction = await lastDeletion();
    await db.client.query("INSERT INTO tags VALUES (4, 'green')");
    const planned = await plan({ transaction, choose: { unique_clash: { do: "skip" } } });
    expect(planned).toMatchObject({ status: "clean" });
    expect(planned.tables.find(({ name }) => name === "tags")).toMatchObject({ skipped: 1, writes: 0 });
    expect(planned.tables.find(({ name }) => name === "order_tags")).toMatchObject({ rows: 3, skipped: 1, writes: 2 });
  });

  test("leaves it too where the row is skipped for what stands in its own columns", async () => {
    await shop();
    await db.client.query("INSERT INTO tags VALUES (3, 'green'); INSERT INTO order_tags VALUES (3, 3)");
    await db.client.query("DELETE FROM tags WHERE id = 3");
    await db.client.query(
      "ALTER TABLE tags ADD COLUMN colour text NOT NULL DEFAULT ''; ALTER TABLE tags ALTER COLUMN colour DROP DEFAULT",
    );
    const planned = await plan({ transaction: await lastDeletion(), choose: { required: { do: "skip" } } });
    await db.client.query("ALTER TABLE tags DROP COLUMN colour");
    expect(planned).toMatchObject({ status: "nothing", problems: [{ code: "required", open: 0 }] });
    expect(planned.tables.find(({ name }) => name === "order_tags")).toMatchObject({ rows: 1, skipped: 1, writes: 0 });
  });

  test("restores rows that name themselves and one another in a circle, where no column may be NULL", async () => {
    await db.client.query(`
      INSERT INTO staff VALUES (1, NULL, 'top'), (2, 1, 'mid'), (3, 2, 'low'), (4, 4, 'own');
      UPDATE staff SET boss = 3 WHERE id = 1;
      WITH t AS (INSERT INTO teams VALUES (1, 1), (2, 3)) INSERT INTO members VALUES (1, 1), (2, 1), (3, 2)`);
    await db.client.query(`BEGIN; DELETE FROM staff;
      WITH m AS (DELETE FROM members) DELETE FROM teams; COMMIT`);
    await restore({ transaction: await lastDeletion() });
    expect(await sql("SELECT id, boss FROM staff ORDER BY id")).toEqual([
      { id: 1, boss: 3 },
      { id: 2, boss: 1 },
      { id: 3, boss: 2 },
      { id: 4, boss: 4 },
    ]);
    expect(await sql("SELECT t.id, m.team FROM teams t JOIN members m ON m.id = t.lead ORDER BY 1")).toEqual([
      { id: 1, team: 1 },
      { id: 2, team: 2 },
    ]);
  });

  test("finds a parent by a key that is not its primary key", async () => {
    await db.client.query(
      "INSERT INTO codes VALUES (1, 'x'); INSERT INTO uses VALUES (1, 'x'); DELETE FROM uses; DELETE FROM codes",
    );
    const { plan: planned } = await restore({
      entry: await deletionOf("uses", "1"),
      choose: { parent_deleted: { do: "include" } },
    });
    expect(planned).toMatchObject({ writes: 2 });
    expect(await sql("SELECT code FROM codes")).toEqual([{ code: "x" }]);
  });

  test("restores marked and removed rows of one transaction together", async () => {
    await shop();
    await db.client.query(
      `BEGIN; UPDATE shop."Customer" SET deleted_at = now() WHERE id = 1; DELETE FROM orders WHERE "customerId" = 1; COMMIT`,
    );
    const planned = await plan({ transaction: await lastDeletion() });
    expect(planned).toMatchObject({ status: "clean", problems: [] });
    expect(planned.tables.find(({ name }) => name === "Customer")).toMatchObject({ writes: 1 });
    await restore({ schema: "shop", table: "Customer", record: "1" });
    expect(await sql(`SELECT count(*)::int AS live FROM shop."Customer" WHERE deleted_at IS NULL`)).toEqual([
      { live: 2 },
    ]);
    expect(await sql("SELECT count(*)::int AS rows FROM parcels")).toEqual([{ rows: 6 }]);
  });

  test("restores what a filter finds, and nothing that is live again", async () => {
    await shop();
    await db.client.query("DELETE FROM logs; DELETE FROM order_tags; INSERT INTO order_tags VALUES (1, 1)");
    const planned = await plan({ q: "table:order_tags action:delete old.order_id:1" });
    expect(planned).toMatchObject({ status: "clean", writes: 1, tables: [{ name: "order_tags", rows: 2, live: 1 }] });
  });
});
