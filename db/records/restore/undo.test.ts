import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { databasesToForgetIn, forgetValues } from "./forget.ts";
import { readRestore } from "./report/read.ts";
import { restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TABLE users (id integer PRIMARY KEY, email text, deleted_at timestamptz);
  CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;
  CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users ON DELETE CASCADE, note text);
  CREATE TABLE items (order_id integer REFERENCES orders ON DELETE CASCADE, line integer, PRIMARY KEY (order_id, line));
  CREATE TABLE keyless (what text);`;

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, { users: { softDelete: { column: "deleted_at", kind: "timestamp" } } });
});

beforeEach(async () => {
  await db.client.query("TRUNCATE users, orders, items, keyless CASCADE");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, restore, deletionOf, lastDeletion, receipts } = restoring(
  () => db,
  () => ada.actor,
);

test("an undo takes out what was put back, children first, and marks again with the old mark", async () => {
  await db.client.query(`INSERT INTO users VALUES (1, 'a@x'), (2, 'b@x'); INSERT INTO orders VALUES (1, 1, 'one'); INSERT INTO items VALUES (1, 1), (1, 2);
    UPDATE users SET deleted_at = '2026-01-02 03:04:05.678901+00' WHERE id = 2; DELETE FROM users WHERE id = 1`);
  const users = await restore({ row: [await deletionOf("users", "1"), "public.users:2"] });
  expect(users.plan.writes).toBe(5);
  const planned = await plan({ undo: users.restore });
  expect(planned).toMatchObject({ what: "undo", status: "clean", writes: 5, problems: [] });
  const undone = await restore({ undo: users.restore });
  expect(await sql("SELECT id, deleted_at::text AS mark FROM users")).toEqual([
    { id: 2, mark: "2026-01-02 03:04:05.678901+00" },
  ]);
  expect(await sql("SELECT * FROM orders")).toEqual([]);
  expect((await receipts(users.restore)).every(({ undone_at }) => undone_at !== null)).toBe(true);
  expect(await readRestore(ada.actor, { id: users.restore })).toMatchObject({
    undoneBy: undone.restore,
    undoUntil: null,
  });
  await expect(plan({ undo: users.restore })).rejects.toMatchObject({ code: "conflict" });
  await expect(plan({ undo: undone.restore })).rejects.toMatchObject({ code: "conflict" });
  const again = await restore({ entry: await deletionOf("users", "1") });
  expect(again.plan.writes).toBe(4);
});

test("rows that changed since are listed and stay, with what they hang from, unless that is chosen otherwise", async () => {
  await db.client.query(`INSERT INTO users VALUES (1, 'a@x'), (3, 'c@x'); INSERT INTO orders VALUES (1, 1, 'one'), (2, 1, 'two'); INSERT INTO items VALUES (1, 1);
    DELETE FROM users`);
  const done = await restore({ transaction: await lastDeletion() });
  await db.client.query("UPDATE orders SET note = 'changed' WHERE id = 1");
  const planned = await plan({ undo: done.restore });
  expect(planned).toMatchObject({
    status: "open",
    problems: [{ code: "changed_since", table: "orders", rows: 1, open: 1 }],
  });
  const kept = await plan({ undo: done.restore, choose: { changed_since: { do: "skip" } } });
  expect(kept.tables.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
    { name: "items", writes: 1 },
    { name: "orders", writes: 1, skipped: 1 },
    { name: "users", writes: 1, skipped: 1 },
  ]);
  await restore({ undo: done.restore, choose: { changed_since: { do: "anyway" } } });
  expect(await sql("SELECT count(*)::int AS users FROM users")).toEqual([{ users: 0 }]);
});

test("a row that others came to hang from since stays, and so do they", async () => {
  await db.client.query(
    "INSERT INTO users VALUES (1, 'a@x'); INSERT INTO orders VALUES (1, 1, 'one'); DELETE FROM users",
  );
  const done = await restore({ entry: await deletionOf("users", "1") });
  await db.client.query("INSERT INTO items VALUES (1, 7)");
  const planned = await plan({ undo: done.restore });
  expect(planned.problems).toMatchObject([{ code: "used_since", table: "orders", offers: ["skip"] }]);
  expect(planned.problems[0]?.examples[0]?.message).toBe("A row of items came after the restore and hangs from it.");
  const all = await plan({ undo: done.restore, choose: { used_since: { do: "skip" } } });
  expect(all).toMatchObject({ status: "nothing", writes: 0 });
  expect(await sql("SELECT count(*)::int AS rows FROM items")).toEqual([{ rows: 1 }]);
});

test("live rows that gave way take their places again, after the restored row is out of them", async () => {
  await db.client.query("INSERT INTO users VALUES (1, 'a@x'); DELETE FROM users; INSERT INTO users VALUES (2, 'a@x')");
  const done = await restore({ entry: await deletionOf("users", "1"), choose: { unique_clash: { do: "swap" } } });
  expect(await sql("SELECT id FROM users WHERE deleted_at IS NULL")).toEqual([{ id: 1 }]);
  await restore({ undo: done.restore });
  expect(await sql("SELECT id, email, deleted_at FROM users")).toEqual([{ id: 2, email: "a@x", deleted_at: null }]);
});

test("a version that was taken back is put forward again", async () => {
  await db.client.query("INSERT INTO orders VALUES (1, NULL, 'one'); UPDATE orders SET note = 'two'");
  const [made] = await sql<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs WHERE resource_type = 'orders' AND action = 'create' ORDER BY audit_logs.id DESC LIMIT 1",
  );
  const done = await restore({ schema: "public", table: "orders", record: "1", version: made?.id ?? "" });
  expect(await sql("SELECT note FROM orders")).toEqual([{ note: "one" }]);
  await restore({ undo: done.restore });
  expect(await sql("SELECT note FROM orders")).toEqual([{ note: "two" }]);
});

test("rows without a key, and rows that are gone again, are left as they are", async () => {
  await db.client.query(
    "INSERT INTO keyless VALUES ('x'); INSERT INTO orders VALUES (1, NULL, 'one'); BEGIN; DELETE FROM keyless; DELETE FROM orders; COMMIT",
  );
  const done = await restore({ transaction: await lastDeletion() });
  await db.client.query("DELETE FROM orders");
  expect(await plan({ undo: done.restore })).toMatchObject({
    status: "nothing",
    problems: [
      { code: "lost", open: 0 },
      { code: "lost", open: 0 },
    ],
  });
});

test("after 30 days a restore stays", async () => {
  await db.client.query("INSERT INTO orders VALUES (1, NULL, 'one'); DELETE FROM orders");
  const done = await restore({ entry: await deletionOf("orders", "1") });
  await controlPool().query("UPDATE restores SET finished_at = now() - interval '31 days' WHERE id = $1", [
    done.restore,
  ]);
  await expect(plan({ undo: done.restore })).rejects.toMatchObject({ code: "conflict" });
});

test("once nobody can take a restore back, the values in its receipts are cleared, and its proofs stay", async () => {
  await db.client.query(`INSERT INTO users VALUES (1, 'a@x'), (2, 'b@x'); UPDATE users SET deleted_at = now() WHERE id = 2;
    DELETE FROM users WHERE id = 1; INSERT INTO users VALUES (3, 'a@x')`);
  const old = await restore({ entry: await deletionOf("users", "1"), choose: { unique_clash: { do: "rename" } } });
  const young = await restore({ schema: "public", table: "users", record: "2" });
  const age = (days: number, id: string) =>
    controlPool().query("UPDATE restores SET finished_at = now() - make_interval(days => $1) WHERE id = $2", [
      days,
      id,
    ]);
  await age(32, old.restore);
  await age(30, young.restore);
  const before = await receipts(old.restore);
  expect(before).toMatchObject([{ given: { email: "a+restored@x" }, changed: ["email"] }]);
  expect(await databasesToForgetIn()).toEqual([{ databaseId: db.id }]);
  expect(await forgetValues(ada.actor, db.id)).toBe(1);
  expect(await receipts(old.restore)).toEqual(before.map((receipt) => ({ ...receipt, given: null, earlier: null })));
  expect(await receipts(young.restore)).toMatchObject([{ given: { deleted_at: null } }]);
  expect(await forgetValues(ada.actor, db.id)).toBe(0);
});

test("an undo leaves rows that a hold keeps, and says which hold", async () => {
  await db.client.query("INSERT INTO users VALUES (1, 'a@x'), (2, 'b@x'); DELETE FROM users");
  const users = await restore({ row: [await deletionOf("users", "1"), await deletionOf("users", "2")] });
  await db.client.query(
    `INSERT INTO caretaker.holds (id, name, rules, placed_by, placed_at)
     VALUES (gen_random_uuid(), 'Smith v. Acme', '[{"schema": "public", "table": "users", "tenant": null, "record": "1", "values": {}}]', 'Ada', now())`,
  );
  const planned = await plan({ undo: users.restore });
  expect(planned.problems).toMatchObject([
    { code: "held", open: 1, examples: [{ record: "1", message: "The legal hold Smith v. Acme keeps it as it is." }] },
  ]);
  await restore({ undo: users.restore, choose: { held: { do: "skip" } } });
  expect(await sql("SELECT id FROM users")).toEqual([{ id: 1 }]);
  await db.client.query("DELETE FROM caretaker.holds");
});
