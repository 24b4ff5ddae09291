import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { restoring } from "../restore/testing/restoring.ts";
import { eraseRows } from "./job/erase.ts";
import { readErasure } from "./list.ts";
import { agree, confirmPersonal, runJob, search } from "./testing/erasing.ts";

let admin: Person;
let officer: Person;
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(
    "CREATE TABLE users (id bigint PRIMARY KEY, email text, name text, deleted_at timestamptz)",
    { users: { softDelete: { column: "deleted_at", kind: "timestamp" } } },
  );
  await confirmPersonal(db.id, "public.users.email", "public.users.name");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, restore, deletionOf, receipts } = restoring(
  () => db,
  () => admin.actor,
);

async function erase(record: string): Promise<void> {
  const { id } = await search(admin.actor, db, { table: "users", record });
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
}

async function firstVersion(record: string): Promise<string> {
  const [made] = await sql<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs WHERE action = 'create' AND resource_id = $1",
    [record],
  );
  return made?.id ?? "";
}

const usersOf = (records: number[]) => sql("SELECT email FROM users WHERE id = ANY ($1) ORDER BY id", [records]);

test("an undo does not write back what was erased, and says why", async () => {
  await db.client.query(`INSERT INTO users VALUES (1, 'old@example.com', 'Grace'), (2, 'alan@example.com', 'Alan');
    UPDATE users SET email = 'grace@example.com' WHERE id = 1`);
  const version = await firstVersion("1");
  const done = await restore({ schema: "public", table: "users", record: "1", version, field: ["email"] });
  expect(await receipts(done.restore)).toMatchObject([{ earlier: { email: "grace@example.com" } }]);
  await erase("1");
  expect(await receipts(done.restore)).toMatchObject([{ record: "1", given: null, earlier: null }]);
  expect(await plan({ undo: done.restore })).toMatchObject({
    ...{ status: "nothing", writes: 0 },
    problems: [{ code: "erased", open: 0, offers: [], examples: [{ message: expect.stringMatching(/erased/) }] }],
  });
  expect(await usersOf([1])).toEqual([{ email: null }]);
});

test("the other rows of such a restore are taken back still", async () => {
  await db.client.query(`INSERT INTO users VALUES (3, 'ada@example.com', 'Ada'), (4, 'kurt@example.com', 'Kurt');
    UPDATE users SET deleted_at = '2026-01-02 00:00:00+00' WHERE id IN (3, 4); INSERT INTO users VALUES (5, 'live@example.com', 'L')`);
  const done = await restore({ row: ["public.users:3", "public.users:4"] });
  await erase("3");
  await restore({ undo: done.restore });
  expect(await sql("SELECT id, deleted_at IS NULL AS live FROM users WHERE id IN (3, 4) ORDER BY id")).toEqual([
    { id: "3", live: true },
    { id: "4", live: false },
  ]);
  expect(await usersOf([3, 4])).toEqual([{ email: null }, { email: "kurt@example.com" }]);
});

test("what a choice gave a row that came back is erased as well", async () => {
  await db.client.query("CREATE UNIQUE INDEX users_email ON users (email)");
  await db.client.query(
    "INSERT INTO users VALUES (6, 'mary@example.com', 'Mary'); DELETE FROM users WHERE id = 6; INSERT INTO users VALUES (7, 'mary@example.com', 'M')",
  );
  const done = await restore({ entry: await deletionOf("users", "6"), choose: { unique_clash: { do: "rename" } } });
  expect(await receipts(done.restore)).toMatchObject([{ given: { email: "mary+restored@example.com" } }]);
  await db.client.query("DELETE FROM users WHERE id = 7");
  await erase("6");
  expect(await receipts(done.restore)).toMatchObject([{ record: "6", given: null }]);
});
