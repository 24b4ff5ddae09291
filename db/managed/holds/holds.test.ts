import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { schemaState } from "../../testing/schema-state.ts";
import type { TenantSource } from "../capture.ts";
import { removeStatements } from "../install.ts";
import { readTables } from "../read-tables.ts";
import { CapturedDatabase } from "../testing/captured.ts";
import type { Hold, HoldableTable, HoldRule } from "./rule.ts";
import { brokenGuards, standingGuards } from "./standing.ts";
import { holdUnits } from "./statements.ts";

const ddl = `
CREATE TABLE tenants (id bigint PRIMARY KEY, name text);
CREATE TABLE customers (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants, email text, deleted_at timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers ON DELETE CASCADE, total numeric(10,2), status text, deleted_at timestamptz);
CREATE TABLE items (order_id bigint REFERENCES orders ON DELETE CASCADE, line int, PRIMARY KEY (order_id, line));
CREATE TABLE notes (id bigint PRIMARY KEY, item_order bigint, item_line int, FOREIGN KEY (item_order, item_line) REFERENCES items ON DELETE SET NULL);
CREATE TABLE events (id bigint, day date, tenant_id bigint, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`;

const customerStep = { schema: "public", table: "customers", columns: ["customer_id"], parentColumns: ["id"] };
const orderStep = { schema: "public", table: "orders", columns: ["order_id"], parentColumns: ["id"] };
const sources: Record<string, TenantSource> = {
  tenants: { kind: "self", column: "id" },
  customers: { kind: "column", column: "tenant_id" },
  orders: { kind: "path", steps: [customerStep], column: "tenant_id" },
  items: { kind: "path", steps: [orderStep, customerStep], column: "tenant_id" },
  events: { kind: "column", column: "tenant_id" },
};

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make("SELECT 1");
  await db.client.query(ddl);
});

afterAll(() => db.close());

beforeEach(async () => {
  await hold();
  await db.client.query("TRUNCATE tenants, customers, orders, items, notes, events");
  await db.client.query(`
    INSERT INTO tenants VALUES (1, 'one'), (2, 'two');
    INSERT INTO customers VALUES (10, 1, 'a@example.com'), (20, 2, 'b@example.com');
    INSERT INTO orders VALUES (100, 10, 5, 'open'), (101, 10, 6, 'disputed'), (200, 20, 7, 'open');
    INSERT INTO items VALUES (100, 1), (101, 1), (200, 1);
    INSERT INTO notes VALUES (1, 100, 1);
    INSERT INTO events VALUES (1, '2026-01-05', 1), (2, '2026-01-06', 2), (3, '2026-02-06', 1)`);
});

const anything: HoldRule = { schema: null, table: null, tenant: null, record: null, values: {} };

async function holdable(): Promise<HoldableTable[]> {
  const tables = await readTables(db.client, "public");
  return tables.map((table) => ({
    ...table,
    tenant: sources[table.name] ?? null,
    marks: table.columns.some(({ name }) => name === "deleted_at"),
  }));
}

/** Makes these rules, and no others, stand. */
async function hold(...rules: Partial<HoldRule>[]): Promise<void> {
  const holds: Hold[] = rules.map((rule, at) => ({
    id: `${at}`,
    name: `case ${at + 1}`,
    rules: [{ ...anything, ...rule }],
  }));
  const units = holdUnits(holds, await holdable(), await standingGuards(db.client), await brokenGuards(db.client));
  for (const { statements } of units) {
    await db.client.query("BEGIN");
    await db.run(statements);
    await db.client.query("COMMIT");
  }
}

const run = (sql: string) => db.client.query(sql);

describe("what a hold keeps", () => {
  test("a record: it is not removed, by whatever statement, and the refusal says which hold and what to do", async () => {
    await hold({ schema: "public", table: "orders", record: "100" });
    await expect(run("DELETE FROM orders WHERE id = 100")).rejects.toMatchObject({
      code: "23001",
      message: 'The legal hold "case 1" keeps public.orders 100.',
      hint: expect.stringMatching(/marked as deleted.*released.*two people/),
      constraint: "caretaker_hold",
      table: "orders",
    });
    await expect(run("DELETE FROM orders")).rejects.toThrow(/keeps public\.orders 100/);
    await expect(run("TRUNCATE orders CASCADE")).rejects.toThrow(/keeps rows of public\.orders/);
    await expect(
      run("MERGE INTO orders USING (SELECT 100 AS id) AS gone ON orders.id = gone.id WHEN MATCHED THEN DELETE"),
    ).rejects.toThrow(/keeps public\.orders 100/);
    await run("DELETE FROM orders WHERE id = 101");
  });

  test("a cascade from its parent is refused as well, and so is the parent's removal", async () => {
    await hold({ schema: "public", table: "items", record: '["100","1"]' });
    await expect(run("DELETE FROM customers WHERE id = 10")).rejects.toThrow(/keeps public\.items \["100","1"\]/);
    await expect(run("DELETE FROM orders WHERE id = 100")).rejects.toThrow(/keeps public\.items/);
    await run("DELETE FROM orders WHERE id = 101");
  });

  test("where session_replication_role silences triggers, it stands", async () => {
    await hold({ schema: "public", table: "orders", record: "100" });
    await run("SET session_replication_role = replica");
    await expect(run("DELETE FROM orders WHERE id = 100")).rejects.toThrow(/keeps/);
    await expect(run("TRUNCATE orders CASCADE")).rejects.toThrow(/keeps/);
    await run("RESET session_replication_role");
  });

  test("marking as deleted, and any change that leaves the hold its row, stays allowed", async () => {
    await hold({ schema: "public", table: "orders", record: "100" }, { tenant: "1" });
    await run("UPDATE orders SET deleted_at = now(), total = 1, status = 'void' WHERE id = 100");
    await run("UPDATE customers SET deleted_at = now(), email = 'c@example.com' WHERE id = 10");
  });

  test("a changed key, tenant or value by which the hold knows its row is refused", async () => {
    await hold({ tenant: "1" }, { schema: "public", table: "orders", values: { status: "disputed" } });
    await expect(run("UPDATE customers SET tenant_id = 2 WHERE id = 10")).rejects.toThrow(
      /knows public\.customers 10 by/,
    );
    await expect(run("UPDATE orders SET customer_id = 20 WHERE id = 100")).rejects.toThrow(
      /knows public\.orders 100 by/,
    );
    await expect(run("UPDATE orders SET status = 'open' WHERE id = 101")).rejects.toThrow(/"case 2" knows/);
    await expect(run("UPDATE events SET id = 9 WHERE id = 1")).rejects.toThrow(/knows public\.events/);
    await run("UPDATE customers SET tenant_id = 1 WHERE id = 20");
  });

  test("a tenant: all of its rows, however many steps away, and no row of another", async () => {
    await hold({ tenant: "1" });
    for (const sql of [
      "DELETE FROM tenants WHERE id = 1",
      "DELETE FROM customers WHERE id = 10",
      "DELETE FROM orders WHERE id = 100",
      "DELETE FROM items WHERE order_id = 100",
      "DELETE FROM events WHERE id = 1",
      "DELETE FROM events_1 WHERE id = 1",
      "TRUNCATE events_2",
    ]) {
      await expect(run(sql), sql).rejects.toThrow(/The legal hold "case 1"/);
    }
    await run("DELETE FROM customers WHERE id = 20");
    await run("DELETE FROM events WHERE id = 2");
    const { rows } = await db.client.query("SELECT count(*)::int AS n FROM items");
    expect(rows[0]?.n).toBe(2);
  });

  test("a tenant in one table: what its rows are known by cannot go or turn to another tenant", async () => {
    await hold({ schema: "public", table: "items", tenant: "1" });
    await expect(run("DELETE FROM items WHERE order_id = 100")).rejects.toThrow(/keeps public\.items/);
    await expect(run("DELETE FROM orders WHERE id = 100")).rejects.toThrow(
      /keeps rows that belong to public\.orders 100/,
    );
    await expect(run("DELETE FROM customers WHERE id = 10")).rejects.toThrow(/belong to public\.customers 10/);
    await expect(run("UPDATE customers SET tenant_id = 2 WHERE id = 10")).rejects.toThrow(/knows public\.customers 10/);
    await expect(run("UPDATE orders SET customer_id = 20 WHERE id = 100")).rejects.toThrow(/knows public\.orders 100/);
    await run("DELETE FROM customers WHERE id = 20");
    await run("UPDATE customers SET email = 'x' WHERE id = 10");
  });

  test("rows that match a filter, by the values as the log writes them", async () => {
    await hold({ schema: "public", table: "orders", values: { total: "6.00", status: "disputed" } });
    await expect(run("DELETE FROM orders WHERE id = 101")).rejects.toThrow(/keeps public\.orders 101/);
    await run("DELETE FROM orders WHERE id = 100");
  });

  test("a row that comes to match later", async () => {
    await hold({ schema: "public", table: "orders", values: { status: "disputed" } });
    await run("UPDATE orders SET status = 'disputed' WHERE id = 200");
    await expect(run("DELETE FROM orders WHERE id = 200")).rejects.toThrow(/keeps/);
  });

  test("a soft delete that a trigger makes of DELETE is a mark, and stays allowed", async () => {
    await run(`CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN UPDATE orders SET deleted_at = now() WHERE id = OLD.id; RETURN NULL; END $$;
               CREATE TRIGGER mark BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION mark()`);
    await hold({ schema: "public", table: "orders", record: "100" });
    await run("DELETE FROM orders WHERE id = 100");
    const { rows } = await db.client.query("SELECT deleted_at IS NOT NULL AS marked FROM orders WHERE id = 100");
    expect(rows).toEqual([{ marked: true }]);
    await run("DROP FUNCTION mark CASCADE");
  });
});

describe("when a hold comes to stand", () => {
  test.each(["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])(
    "it binds a %s transaction that took its snapshot before",
    async (level) => {
      const { client } = await db.newRole((role) => `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
      await client.query(`BEGIN ISOLATION LEVEL ${level}`);
      await client.query("SELECT count(*) FROM orders");
      await hold({ schema: "public", table: "orders", record: "100" });
      await expect(client.query("DELETE FROM orders WHERE id = 100")).rejects.toThrow(/keeps/);
      await client.query("ROLLBACK");
      await hold(
        { schema: "public", table: "orders", record: "100" },
        { schema: "public", table: "orders", record: "101" },
      );
      await client.query(`BEGIN ISOLATION LEVEL ${level}`);
      await client.query("SELECT count(*) FROM orders");
      await hold(
        { schema: "public", table: "orders", record: "100" },
        { schema: "public", table: "orders", record: "200" },
      );
      await expect(client.query("DELETE FROM orders WHERE id = 200")).rejects.toThrow(/keeps/);
      await client.query("ROLLBACK");
      await client.query("DELETE FROM orders WHERE id = 101");
    },
  );

  test("it waits for a deletion under way, and gives up soon rather than hold others up", async () => {
    const { client } = await db.newRole((role) => `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
    await client.query("BEGIN; DELETE FROM orders WHERE id = 100");
    await run("SET lock_timeout = 50");
    await expect(hold({ schema: "public", table: "orders", record: "100" })).rejects.toThrow(/lock timeout/);
    await run("ROLLBACK; RESET lock_timeout");
    await client.query("ROLLBACK");
    await hold({ schema: "public", table: "orders", record: "100" });
  });

  test("a trigger that somebody switched off or dropped is missed and comes back", async () => {
    await hold({ tenant: "1" });
    await run(
      "ALTER TABLE orders DISABLE TRIGGER zzz_caretaker_hold_delete; DROP TRIGGER zzz_caretaker_hold_truncate ON events_1",
    );
    expect([...(await brokenGuards(db.client))].toSorted()).toEqual(["public.events", "public.orders"]);
    await run("CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')");
    await hold({ tenant: "1" });
    expect(await brokenGuards(db.client)).toEqual(new Set());
    await run("INSERT INTO events VALUES (7, '2026-03-02', 1)");
    await expect(run("TRUNCATE events_3")).rejects.toThrow(/keeps rows/);
    await expect(run("SET session_replication_role = replica; DELETE FROM events_3")).rejects.toThrow(/keeps/);
    await run("RESET session_replication_role");
    await hold();
    await run("DROP TABLE events_3");
  });
});

test("released holds, and a removed adoption, leave no trace", async () => {
  const before = await schemaState(db.url);
  await hold({ tenant: "1" }, { schema: "public", table: "items", record: '["100","1"]' });
  await hold();
  await run("DELETE FROM items; TRUNCATE events");
  expect(await schemaState(db.url)).toEqual(before);
  await hold({ tenant: "1" });
  await db.run(removeStatements({ dropRoles: false }));
  const { rows } = await db.client.query("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%caretaker%'");
  expect(rows).toEqual([]);
});
