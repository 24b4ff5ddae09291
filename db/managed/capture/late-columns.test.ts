import { afterAll, beforeAll, expect, test } from "vitest";
import { CapturedDatabase } from "../testing/captured.ts";

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make("CREATE TABLE accounts (id integer PRIMARY KEY, spare text, note text, loud text)");
  await db.capture("accounts");
  // Each kind of write once before, so that this session has its plans.
  await db.client.query("INSERT INTO accounts VALUES (1, 's', 'a', 'b'), (0, 's', 'a', 'b')");
  await db.client.query("UPDATE accounts SET note = 'b' WHERE id = 1");
  await db.client.query("UPDATE accounts SET note = 'c'");
  await db.client.query("UPDATE accounts SET id = 5 WHERE id = 0");
  await db.client.query("DELETE FROM accounts WHERE id = 5");
});

afterAll(() => db.close());

async function written(sql: string): Promise<string> {
  const { rows: seen } = await db.client.query("SELECT count(*)::int AS n FROM caretaker.audit_logs");
  await db.client.query(sql);
  const { rows } = await db.client.query(
    "SELECT action, old_values, new_values, changes FROM caretaker.audit_logs ORDER BY created_at, id OFFSET $1",
    [seen[0].n],
  );
  expect(rows).not.toEqual([]);
  return JSON.stringify(rows);
}

test("a secret column that came after capture was generated is never shown, and another one is", async () => {
  await db.client.query(
    'ALTER TABLE accounts ADD api_token text, ADD "privateKey" text, ADD colour text, ADD shipping text',
  );
  const row = "'c', 'd', 'secret token', 'secret key', 'green', 'by sea'";
  const writes = [
    `INSERT INTO accounts VALUES (2, 's', ${row}), (3, 's', ${row})`,
    `INSERT INTO accounts VALUES (4, 's', ${row})`,
    "UPDATE accounts SET note = 'e' WHERE id = 2",
    "UPDATE accounts SET note = 'f' WHERE id > 1",
    "UPDATE accounts SET id = id + 10 WHERE id = 2",
    "DELETE FROM accounts WHERE id = 3",
  ];
  for (const sql of writes) {
    const log = await written(sql);
    expect(log).not.toMatch(/secret token|secret key/);
    expect(log).toContain('"colour":"green"');
    expect(log).toContain('"shipping":"by sea"');
    expect(log).toContain('"api_token":"masked"');
  }
  expect(await written("TRUNCATE accounts")).not.toMatch(/secret token|secret key/);
});

test("a column that goes and comes back behind others makes no write fail", async () => {
  await db.client.query("ALTER TABLE accounts DROP spare, ADD spare text");
  const log = await written("INSERT INTO accounts (id, spare, api_token) VALUES (20, 'back', 'secret token')");
  expect(log).toContain('"spare":"back"');
  expect(log).not.toContain("secret token");
  await db.client.query(
    'ALTER TABLE accounts DROP note, DROP loud, DROP colour, DROP shipping, DROP "privateKey", DROP api_token',
  );
  expect(await written("INSERT INTO accounts (id, spare) VALUES (21, 'few')")).toContain('"spare":"few"');
  expect(await written("UPDATE accounts SET spare = 'one' WHERE id = 21")).toContain('"spare":"few"');
});
