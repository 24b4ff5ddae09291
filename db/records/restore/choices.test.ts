import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TABLE users (id integer PRIMARY KEY, email text, handle varchar(12), number integer UNIQUE, deleted_at timestamptz);
  CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE deleted_at IS NULL;
  CREATE UNIQUE INDEX users_handle ON users (handle);
  CREATE TABLE posts (id integer PRIMARY KEY, author integer REFERENCES users, title text DEFAULT 'untitled', secret text DEFAULT 'none');
  CREATE TABLE places (tenant integer NOT NULL, slug text NOT NULL, id integer PRIMARY KEY, UNIQUE (tenant, slug));
  CREATE TABLE doors (id integer PRIMARY KEY, pin integer NOT NULL, name text);`;

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, {
    users: { softDelete: { column: "deleted_at", kind: "timestamp" } },
    posts: { maskedColumns: ["secret"] },
    doors: { maskedColumns: ["pin"] },
  });
});

beforeEach(async () => {
  await db.client.query("TRUNCATE users, posts, places, doors CASCADE");
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

describe("a clash with a live row", () => {
  test("is solved by the proposed value, by a typed one, and not by one that is taken too", async () => {
    await db.client.query(
      `INSERT INTO places VALUES (1, 'acme', 1); DELETE FROM places; INSERT INTO places VALUES (1, 'acme', 2), (1, 'acme-restored', 3)`,
    );
    const entry = await deletionOf("places", "1");
    const [kind] = (await plan({ entry })).problems;
    expect(kind?.examples).toMatchObject([{ proposed: "acme-restored-2", about: { record: "2" } }]);
    const taken = await plan({ entry, choose: { unique_clash: { do: "rename", to: "acme-restored" } } });
    expect(taken.problems).toMatchObject([{ open: 1 }]);
    expect(taken.problems[0]?.examples[0]?.message).toContain("It is so with your choice too");
    await restore({ entry, choose: { unique_clash: { do: "rename", to: "acme-old" } } });
    expect(await sql("SELECT slug FROM places WHERE id = 1")).toEqual([{ slug: "acme-old" }]);
  });

  test("gets a number, or a text that is not too long, each its own when many clash", async () => {
    await db.client.query(`INSERT INTO users VALUES (1, NULL, 'abcdefghijkl', 7), (2, NULL, 'b', 8); DELETE FROM users;
      INSERT INTO users VALUES (11, NULL, 'abcdefghijkl', 7), (12, NULL, 'b', 8)`);
    const { plan: planned } = await restore({
      transaction: await lastDeletion(),
      choose: {
        "unique_clash:public.users:users_handle": { do: "rename" },
        "unique_clash:public.users:users_number_key": { do: "rename" },
      },
    });
    expect(planned.status).toBe("clean");
    expect(await sql("SELECT handle, number FROM users WHERE id < 10 ORDER BY id")).toEqual(
      [
        { handle: "ab-restored", number: 9 },
        { handle: "b-restored", number: 10 },
      ].map((row, at) => (at === 0 ? { ...row, handle: "abc-restored".slice(0, 12) } : row)),
    );
  });

  test("is solved by the live row giving way: by its mark, where that frees the value", async () => {
    await db.client.query(
      `INSERT INTO users VALUES (1, 'A@x'); DELETE FROM users; INSERT INTO users VALUES (2, 'a@X')`,
    );
    const { restore: id } = await restore({
      entry: await deletionOf("users", "1"),
      choose: { unique_clash: { do: "swap" } },
    });
    expect(await sql("SELECT id, email, deleted_at IS NULL AS live FROM users ORDER BY id")).toEqual([
      { id: 1, email: "A@x", live: true },
      { id: 2, email: "a@X", live: false },
    ]);
    expect(await receipts(id)).toMatchObject([
      { origin: "asked", changed: [], differing: [] },
      { origin: "yields", changed: ["deleted_at"], differing: [], earlier: { deleted_at: null } },
    ]);
  });

  test("is told as chosen, and not as done by a trigger, for a row that only loses its mark", async () => {
    await db.client.query(`INSERT INTO users VALUES (1, 'a@x'); UPDATE users SET deleted_at = now() WHERE id = 1;
      INSERT INTO users VALUES (2, 'a@x')`);
    const from = { schema: "public", table: "users", record: "1" };
    const { restore: id } = await restore({ ...from, choose: { unique_clash: { do: "rename" } } });
    const [receipt] = await receipts(id);
    expect(receipt).toMatchObject({ act: "update", changed: ["email"], differing: [] });
    expect(String(receipt?.before_hash)).toBe(String(receipt?.row_hash));
  });

  test("is solved by the live row taking another value, where a mark does not free it or rows still hang from it", async () => {
    await db.client.query(`INSERT INTO users VALUES (1, 'a@x', 'ann'); DELETE FROM users;
      INSERT INTO users VALUES (2, 'a@x', 'ann'); INSERT INTO posts VALUES (1, 2, 'theirs')`);
    const { plan: planned } = await restore({
      entry: await deletionOf("users", "1"),
      choose: {
        "unique_clash:public.users:users_email": { do: "swap" },
        "unique_clash:public.users:users_handle": { do: "swap", to: "ann2" },
      },
    });
    expect(planned).toMatchObject({ status: "clean", writes: 2 });
    expect(await sql("SELECT id, email, handle, deleted_at FROM users ORDER BY id")).toEqual([
      { id: 1, email: "a@x", handle: "ann", deleted_at: null },
      { id: 2, email: "a+restored@x", handle: "ann2", deleted_at: null },
    ]);
  });

  test("between two rows of the plan itself is said, and one of them takes another value", async () => {
    await db.client.query(
      `INSERT INTO places VALUES (1, 'x', 1); DELETE FROM places; INSERT INTO places VALUES (1, 'x', 2); DELETE FROM places`,
    );
    const rows = [await deletionOf("places", "1"), await deletionOf("places", "2")];
    const planned = await plan({ row: rows });
    expect(planned.problems).toMatchObject([{ code: "unique_clash", rows: 1, offers: ["rename", "skip"] }]);
    expect(planned.problems[0]?.examples[0]?.message).toContain("Another row of this plan");
    await restore({ row: rows, choose: { unique_clash: { do: "rename" } } });
    expect(await sql("SELECT id, slug FROM places ORDER BY id")).toEqual([
      { id: 1, slug: "x" },
      { id: 2, slug: "x-restored" },
    ]);
  });
});

test("a value that is not known, and must be there, is written as somebody types it", async () => {
  await db.client.query("INSERT INTO doors VALUES (1, 4711, 'front'); DELETE FROM doors");
  const entry = await deletionOf("doors", "1");
  const [kind] = (await plan({ entry })).problems;
  expect(kind).toMatchObject({ code: "masked", subject: "pin", offers: ["write", "skip"] });
  const unreadable = await plan({ entry, choose: { masked: { do: "write", to: "none" } } });
  expect(unreadable.status).toBe("open");
  expect(unreadable.problems[0]?.examples[0]?.message).toContain("Your choice cannot be used");
  const { restore: id } = await restore({ entry, choose: { masked: { do: "write", to: "0" } } });
  expect(await receipts(id)).toMatchObject([{ changed: ["pin"], differing: [] }]);
  expect(await sql("SELECT * FROM doors")).toEqual([{ id: 1, pin: 0, name: "front" }]);
});

test("a value that is not known becomes NULL or the column's default, and the proof lists it", async () => {
  await db.client.query(
    `INSERT INTO posts VALUES (1, NULL, 'one', 's3cret'), (2, NULL, 'two', 's3cret'); DELETE FROM posts`,
  );
  const transaction = await lastDeletion();
  const [kind] = (await plan({ transaction })).problems;
  expect(kind).toMatchObject({ code: "masked", offers: ["null", "default", "skip"], rows: 2 });
  const { restore: id } = await restore({
    transaction,
    choices: {
      kinds: { [kind?.key ?? ""]: { do: "default" } },
      rows: { [await deletionOf("posts", "2")]: { [kind?.key ?? ""]: { do: "null" } } },
    },
  });
  expect(await sql("SELECT title, secret FROM posts ORDER BY id")).toEqual([
    { title: "one", secret: "none" },
    { title: "two", secret: null },
  ]);
  expect(await receipts(id)).toMatchObject([
    { changed: ["secret"], differing: [] },
    { changed: ["secret"], differing: [] },
  ]);
});

test("a choice that a problem does not offer is no choice", async () => {
  await db.client.query(
    "INSERT INTO places VALUES (1, 'x', 1); DELETE FROM places; INSERT INTO places VALUES (1, 'x', 2)",
  );
  const planned = await plan({ entry: await deletionOf("places", "1"), choose: { unique_clash: { do: "null" } } });
  expect(planned).toMatchObject({ status: "open", problems: [{ open: 1, offers: ["rename", "swap", "skip"] }] });
});

test("the fields of a row show what is written, and why where it is not what was", async () => {
  await db.client.query(
    `INSERT INTO posts VALUES (1, NULL, 'one', 's3cret'); DELETE FROM posts; ALTER TABLE posts DROP COLUMN IF EXISTS gone, ADD COLUMN added text`,
  );
  const entry = await deletionOf("posts", "1");
  const { planRestore } = await import("./plan.ts");
  const { planRestoreInput } = await import("./contract.ts");
  const { look } = await planRestore(ada.actor, planRestoreInput.parse({ database: db.id, entry }), {
    table: "public.posts",
    look: entry,
  });
  await db.client.query("ALTER TABLE posts DROP COLUMN added");
  expect(look.rows).toMatchObject([
    { row: entry, record: "1", label: "one", origin: "asked", act: "insert", status: "masked" },
  ]);
  expect(look.fields).toMatchObject([
    { name: "id", was: "1", will: "1", note: null },
    { name: "author", was: "null", will: "null", note: null },
    { name: "title", was: '"one"', will: '"one"', note: null },
    { name: "secret", will: null, note: "Its value is not known." },
    { name: "added", was: null, will: null, note: "Added since; takes its default." },
  ]);
});
