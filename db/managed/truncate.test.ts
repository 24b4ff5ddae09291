import { afterAll, beforeAll, expect, it } from "vitest";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make(
    `
CREATE TABLE "it's %s" (id integer PRIMARY KEY, "a'b" text, secret text, tenant text);
CREATE TABLE uncounted (id integer PRIMARY KEY) WITH (autovacuum_enabled = false);
CREATE TABLE logs (id integer, month integer, PRIMARY KEY (id, month)) PARTITION BY RANGE (month);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (1) TO (2);
CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (2) TO (3)`,
    { "it's %s": { masked: ["secret"], tenant: { kind: "column", column: "tenant" } } },
  );
});

afterAll(() => db.close());

const fill = (rows: number) =>
  db.client.query(
    `INSERT INTO "it's %s" SELECT i, 'v' || i, 'hidden away', 't-' || i FROM generate_series(1, $1::int) AS i`,
    [rows],
  );

it("keeps each row that TRUNCATE removes, as a delete that can be brought back, and counts them", async () => {
  await fill(3);
  await db.client.query("BEGIN; SELECT caretaker.set_context('ada', ip_address => '203.0.113.9', request_id => 'r-1')");
  const entries = await db.recorded(`TRUNCATE "it's %s"`, "COMMIT");
  expect(entries.map((entry) => [entry.action, entry.resource_id, entry.tenant_id])).toEqual([
    ["delete", "1", "t-1"],
    ["delete", "2", "t-2"],
    ["delete", "3", "t-3"],
    ["truncate", null, null],
  ]);
  expect(entries[0]).toMatchObject({
    user_id: "ada",
    ip_address: "203.0.113.9",
    request_id: "r-1",
    old_values: { id: 1, "a'b": "v1" },
    metadata: { truncate: true },
  });
  expect(JSON.stringify(entries)).not.toContain("hidden away");
  expect(entries.at(-1)?.metadata).toMatchObject({ rows: 3, estimated: false, kept: true });
  expect(entries.at(-1)?.metadata).not.toHaveProperty("not_kept");
});

it("only counts the rows where there are more than the settings allow, and says so", async () => {
  await db.client.query("UPDATE caretaker.settings SET truncate_rows_max = 2");
  await fill(3);
  const entries = await db.recorded(`TRUNCATE "it's %s"`);
  await db.client.query("UPDATE caretaker.settings SET truncate_rows_max = DEFAULT");
  expect(entries).toMatchObject([{ action: "truncate", metadata: { rows: 3, kept: false, not_kept: { limit: 2 } } }]);
});

it("keeps the rows of every partition once, whichever way it is emptied", async () => {
  await db.client.query("INSERT INTO logs VALUES (1, 1), (2, 2), (3, 2)");
  const one = await db.recorded("TRUNCATE logs_2");
  expect(one.map((entry) => [entry.action, entry.resource_type, entry.resource_id])).toEqual([
    ["delete", "logs", '["2","2"]'],
    ["delete", "logs", '["3","2"]'],
    ["truncate", "logs", null],
  ]);
  const all = await db.recorded("TRUNCATE logs");
  expect(all.filter((entry) => entry.action === "delete").map((entry) => entry.resource_id)).toEqual(['["1","1"]']);
});

it("counts a million rows and no more, whatever the statistics say", async () => {
  await db.client.query("ALTER TABLE uncounted DISABLE TRIGGER caretaker_insert");
  await db.client.query("INSERT INTO uncounted SELECT i FROM generate_series(1, 1000005) AS i");
  const [entry] = await db.recorded("TRUNCATE uncounted");
  expect(entry?.metadata).toMatchObject({ rows: 1_000_001, estimated: true, kept: false });
});

it("says which error kept the rows from being kept, and lets the statement through", async () => {
  await fill(2);
  await db.client.query("ALTER TABLE caretaker.audit_logs ADD CONSTRAINT none CHECK (action <> 'delete') NOT VALID");
  const entries = await db.recorded(`TRUNCATE "it's %s"`);
  await db.client.query("ALTER TABLE caretaker.audit_logs DROP CONSTRAINT none");
  expect(entries).toMatchObject([
    { action: "truncate", metadata: { rows: 2, kept: false, not_kept: { error: "23514" } } },
  ]);
});

it("counts, and lets the statement through, where the table has another shape by now", async () => {
  await db.client.query(`ALTER TABLE "it's %s" DROP COLUMN secret`);
  await fillWithout(2);
  const entries = await db.recorded(`TRUNCATE "it's %s"`);
  expect(entries.at(-1)).toMatchObject({ action: "truncate", metadata: { rows: 2 } });
});

const fillWithout = (rows: number) =>
  db.client.query(`INSERT INTO "it's %s" SELECT i, 'v' || i, 't-' || i FROM generate_series(1, $1::int) AS i`, [rows]);
