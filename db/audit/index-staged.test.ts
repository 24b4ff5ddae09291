import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { systemActor } from "../mint.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { indexStaged } from "./index-staged.ts";

const actor = systemActor("test");
let app: Adopted;

beforeAll(async () => {
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY, state text, note text)");
  await app.client.query("INSERT INTO orders SELECT n, 'placed' FROM generate_series(1, 20) AS n");
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
});

beforeEach(async () => {
  await indexStaged(actor, app.id);
});

async function places(where = "true"): Promise<Record<string, number>> {
  const { rows } = await app.client.query<{ part: string; entries: number }>(
    `SELECT CASE WHEN staged THEN 'staged' ELSE 'indexed' END AS part, count(*)::int AS entries
       FROM caretaker.audit_logs WHERE action = 'update' AND ${where} GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ part, entries }) => [part, entries]));
}

async function content(): Promise<unknown[]> {
  const { rows } = await app.client.query(
    "SELECT to_jsonb(audit_logs) - 'staged' AS entry FROM caretaker.audit_logs ORDER BY created_at, id",
  );
  return rows;
}

test("single updates are staged, every other entry has its indexes at once, and readers see both", async () => {
  await app.client.query("UPDATE orders SET state = 'one' WHERE id = 1");
  await app.client.query("UPDATE orders SET state = 'many' WHERE id < 6");
  expect(await places("changes ->> 'state' IN ('one', 'many')")).toEqual({ staged: 1, indexed: 5 });
});

test("indexing moves them to their month as they are", async () => {
  await app.client.query("UPDATE orders SET state = 'as they are' WHERE id = 2");
  const before = await content();
  expect(await indexStaged(actor, app.id)).toBe(1);
  expect(await content()).toEqual(before);
  expect(await places()).not.toHaveProperty("staged");
  expect(await indexStaged(actor, app.id)).toBe(0);
});

test("an entry of a transaction that still runs is left where it is, and none is seen twice or not at all meanwhile", async () => {
  await app.client.query("BEGIN");
  await app.client.query("UPDATE orders SET state = 'open' WHERE id = 3");
  expect(await indexStaged(actor, app.id)).toBe(0);
  expect(await places("changes ->> 'state' = 'open'")).toEqual({ staged: 1 });
  await app.client.query("COMMIT");
  await app.client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  expect(await places("changes ->> 'state' = 'open'")).toEqual({ staged: 1 });
  expect(await indexStaged(actor, app.id)).toBe(1);
  expect(await places("changes ->> 'state' = 'open'")).toEqual({ staged: 1 });
  await app.client.query("COMMIT");
  expect(await places("changes ->> 'state' = 'open'")).toEqual({ indexed: 1 });
});

test("a staged entry is append-only too, and what passes for indexing can change no value of it", async () => {
  await app.client.query("UPDATE orders SET state = 'mine' WHERE id = 4");
  const attempts = [
    "UPDATE caretaker.audit_logs_staged SET user_id = 'somebody'",
    "UPDATE caretaker.audit_logs SET staged = false, user_id = 'somebody' WHERE staged",
    "DELETE FROM caretaker.audit_logs_staged",
    "TRUNCATE caretaker.audit_logs_staged",
    "TRUNCATE caretaker.audit_logs",
  ];
  for (const sql of attempts) await expect(app.client.query(sql)).rejects.toThrow("append-only");
  await app.client.query("SET session_replication_role = replica");
  for (const sql of attempts) await expect(app.client.query(sql)).rejects.toThrow("append-only");
  await app.client.query("RESET session_replication_role; SET caretaker.indexing = 'on'");
  await expect(app.client.query(attempts[1] ?? "")).rejects.toThrow("append-only");
  await app.client.query("RESET caretaker.indexing");
  expect(await places("changes ->> 'state' = 'mine'")).toEqual({ staged: 1 });
});

test("an erasure that meets an entry on its way is told so, and does not miss it", async () => {
  await app.client.query("UPDATE orders SET note = 'Ada' WHERE id = 5");
  const mover = new pg.Client(app.url);
  await mover.connect();
  await mover.query("BEGIN");
  await mover.query("SELECT caretaker.index_staged(10)");
  await app.client.query("SET caretaker.erasing = 'on'");
  const erasing = app.client.query("UPDATE caretaker.audit_logs SET changes = '{}' WHERE changes ->> 'note' = 'Ada'");
  const refused = expect(erasing).rejects.toMatchObject({ code: "40001" });
  await expect.poll(async () => (await mover.query("SELECT FROM pg_locks WHERE NOT granted")).rowCount).toBe(1);
  await mover.query("COMMIT");
  await mover.end();
  await refused;
  await app.client.query("RESET caretaker.erasing");
});
