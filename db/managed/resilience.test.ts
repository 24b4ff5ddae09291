import { afterAll, beforeAll, expect, it } from "vitest";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make(
    `
CREATE TABLE parents (id integer PRIMARY KEY, tenant text);
CREATE TABLE items (id integer PRIMARY KEY, parent_id integer, name text, kind text, secret text);
INSERT INTO parents VALUES (1, 't-1');`,
    {
      items: {
        masked: ["secret"],
        tenant: {
          kind: "path",
          column: "tenant",
          steps: [{ schema: "public", table: "parents", columns: ["parent_id"], parentColumns: ["id"] }],
        },
      },
    },
  );
});

afterAll(() => db.close());

const writes = [
  "INSERT INTO items (id, parent_id) VALUES (1, 1), (2, 1)",
  "UPDATE items SET parent_id = NULL WHERE id = 1",
  "UPDATE items SET parent_id = 7",
  "DELETE FROM items",
];

it.each([
  ["a dropped column", "ALTER TABLE items DROP COLUMN kind"],
  ["a renamed column", "ALTER TABLE items RENAME COLUMN name TO label"],
  [
    "a renamed secret",
    "ALTER TABLE items RENAME COLUMN secret TO hidden; ALTER TABLE items ALTER hidden SET DEFAULT 'open sesame'",
  ],
  ["a new column", "ALTER TABLE items ADD COLUMN added json DEFAULT '{}'"],
  ["a column of another type", "ALTER TABLE items ALTER COLUMN label TYPE json USING NULL"],
  ["a renamed parent table", "ALTER TABLE parents RENAME TO elders"],
  ["a dropped primary key", "ALTER TABLE items DROP CONSTRAINT items_pkey"],
])("lets every write through after %s", async (_what, change) => {
  await db.client.query(change);
  const entries = await db.recorded(...writes);
  expect(entries.map((entry) => entry.action)).toEqual([
    "create",
    "create",
    "update",
    "update",
    "update",
    "delete",
    "delete",
  ]);
  expect(JSON.stringify(entries)).not.toContain("sesame");
});

it("lets every write through after the key column was dropped", async () => {
  await db.client.query("ALTER TABLE items RENAME COLUMN id TO number");
  const entries = await db.recorded(
    "INSERT INTO items (number, parent_id) VALUES (1, 1), (2, 1)",
    "UPDATE items SET parent_id = 9",
    "DELETE FROM items",
  );
  expect(entries.map((entry) => [entry.action, entry.resource_id])).toEqual([
    ["create", null],
    ["create", null],
    ["update", null],
    ["update", null],
    ["delete", null],
    ["delete", null],
  ]);
});

it("captures writes made with session_replication_role set to replica", async () => {
  const entries = await db.recorded(
    "SET session_replication_role = replica; INSERT INTO items (number) VALUES (3); RESET session_replication_role",
  );
  expect(entries).toHaveLength(1);
});

it("catches an entry of a month without a partition, and moves it once there is one", async () => {
  await db.client.query(`DROP TABLE caretaker.audit_logs_${new Date().toISOString().slice(0, 7).replace("-", "_")}`);
  expect(await db.recorded("INSERT INTO items (number) VALUES (4)")).toHaveLength(1);
  const count = () => db.client.query("SELECT count(*)::int AS n FROM caretaker.audit_logs_default");
  expect((await count()).rows[0]?.n).toBe(1);
  await db.client.query("SELECT caretaker.ensure_partitions(3)");
  expect((await count()).rows[0]?.n).toBe(0);
  expect(await db.recorded("INSERT INTO items (number) VALUES (5)")).toHaveLength(1);
  expect((await count()).rows[0]?.n).toBe(0);
});

it("makes partitions that hold whole months of UTC, whatever the session's time zone", async () => {
  await db.client.query("SET TimeZone = 'Pacific/Auckland'");
  await db.client.query("SELECT caretaker.add_partition('2031-03-01')");
  await db.client.query("SET TimeZone = 'UTC'");
  const { rows } = await db.client.query(
    "SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE relname = 'audit_logs_2031_03'",
  );
  expect(rows[0]?.bound).toBe("FOR VALUES FROM ('2031-03-01 00:00:00+00') TO ('2031-04-01 00:00:00+00')");
});
