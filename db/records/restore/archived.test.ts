import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { moveMonth } from "../../audit/archive/testing/move.ts";
import { moveToPast } from "../../audit/archive/testing/past.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { codes, restoring } from "./testing/restoring.ts";

const month = "2025-10";

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-restore-archived-"));
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(`
    CREATE TABLE users (id integer PRIMARY KEY, name text);
    CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users ON DELETE CASCADE, note text)`);
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

const { sql, plan, restore, deletionOf, lastDeletion } = restoring(
  () => db,
  () => ada.actor,
);

test("a deletion in an archived month is refused with the month to bring back, and comes back once it is there again", async () => {
  await db.client.query(
    "INSERT INTO users VALUES (1, 'Ada'), (2, 'Bo'); INSERT INTO orders VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')",
  );
  await db.client.query("DELETE FROM orders WHERE id = 1; UPDATE users SET name = 'Ada L.' WHERE id = 1");
  await db.client.query("DELETE FROM users WHERE id = 1");
  const [entry, transaction] = [await deletionOf("users", "1"), await lastDeletion()];
  await moveToPast(db.client, month);
  const moved = await deletionOf("users", "1");
  expect(moved).not.toBe(entry);
  expect(await moveMonth(ada.actor, "audit.archive", db.id, month)).toMatchObject({ state: "done" });

  const wayOut = { code: "conflict", fix: expect.stringContaining(`Bring the month back under Audit, Retention`) };
  await expect(plan({ entry: moved })).rejects.toMatchObject({
    ...wayOut,
    message: `The deletion lies in an archived month: ${month}.`,
  });
  await expect(plan({ row: [moved] })).rejects.toMatchObject(wayOut);
  await expect(
    plan({ schema: "public", table: "users", record: "1", version: moved, side: "before" }),
  ).rejects.toMatchObject(wayOut);
  const named = { code: "not_found", fix: expect.stringContaining(`${month}. Bring the month back`) };
  await expect(plan({ transaction })).rejects.toMatchObject(named);
  await expect(plan({ q: "table:users action:delete" })).rejects.toMatchObject(named);

  expect(await moveMonth(ada.actor, "audit.return", db.id, month)).toMatchObject({ state: "done" });
  expect((await restore({ transaction })).plan).toMatchObject({ status: "clean", writes: 2 });
  expect(await sql("SELECT name FROM users WHERE id = 1")).toEqual([{ name: "Ada L." }]);
});

test("a parent whose deletion lies in an archived month is said to be missing, with the month that was not searched", async () => {
  await db.client.query("TRUNCATE users, orders; INSERT INTO users VALUES (5, 'Eve'); DELETE FROM users");
  await moveToPast(db.client, "2025-09");
  // The parent is there again while its child is made and deleted, and the log knows nothing of that.
  await db.client.query(`ALTER TABLE users DISABLE TRIGGER USER; INSERT INTO users VALUES (5, 'Eve');
    INSERT INTO orders VALUES (9, 5, 'x'); DELETE FROM orders; DELETE FROM users`);
  expect(await moveMonth(ada.actor, "audit.archive", db.id, "2025-09")).toMatchObject({ state: "done" });
  const planned = await plan({ transaction: await lastDeletion() });
  expect(codes(planned)).toEqual(["parent_missing orders_user_id_fkey"]);
  expect(planned.notes).toEqual(["What is missing may lie in archived months, which were not searched: 2025-09."]);
});
