import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { exportAccess } from "./access/export.ts";
import { accessExportInput } from "./contract.ts";
import { confirmPersonal, search } from "./testing/erasing.ts";

let admin: Person;
let db: Adopted;
let id: string;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  db = await adoptedDatabase(
    `CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, balance numeric, password text);
     CREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users, body text, secret_plan text);
     CREATE TABLE visits (id bigint PRIMARY KEY, user_id bigint REFERENCES users, street text);
     CREATE TABLE notes (id bigint PRIMARY KEY, visit_id bigint REFERENCES visits, body text);
     CREATE TABLE letters (id bigint PRIMARY KEY, visit_id bigint REFERENCES visits);`,
    { users: { maskedColumns: ["password"] } },
  );
  await confirmPersonal(db.id, "public.users.email", "public.visits.street", "public.notes.body");
  await db.client.query(`
    INSERT INTO users VALUES (7, 'old@example.com', 12345678901234567890.10, 'hash'), (8, 'alan@example.com', 1, 'hash');
    UPDATE users SET email = 'grace@example.com' WHERE id = 7;
    INSERT INTO posts VALUES (1, 8, 'From <b>grace@example.com</b>', 'of somebody else')`);
  ({ id } = await search(admin.actor, db, { table: "users", record: "7", search: ["public.posts.body"] }));
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

async function taken(format: string): Promise<string> {
  const { lines } = await exportAccess(admin.actor, accessExportInput.parse({ id, format }));
  return (await Array.fromAsync(lines)).join("");
}

test("hands out all of the person's own, digit by digit, without secrets and without what is somebody else's", async () => {
  const lines = (await taken("ndjson")).trim().split("\n");
  const known = lines.map((line) => JSON.parse(line));
  expect(known.at(-1)).toEqual({ kind: "end", lines: lines.length - 2, unread: [] });
  expect(lines.find((line) => line.includes('"found":"own"'))).toContain('"balance": 12345678901234567890.10');
  expect(known.find(({ found }) => found === "own").values).not.toHaveProperty("password");
  expect(known.find(({ table }) => table === "public.posts").values).toEqual({
    id: 1,
    body: "From <b>grace@example.com</b>",
  });
  expect(known).toContainEqual(
    expect.objectContaining({
      kind: "entry",
      before: { email: "old@example.com" },
      after: { email: "grace@example.com" },
    }),
  );
  expect(lines.join()).not.toMatch(/alan@|somebody else/);
});

test("is one JSON document, and a page that shows values as text", async () => {
  expect(JSON.parse(await taken("json")).known.length).toBeGreaterThan(2);
  const page = await taken("html");
  expect(page).toContain("From &lt;b&gt;grace@example.com&lt;/b&gt;");
  expect(page).toMatch(/<\/html>\n$/);
});

test("records who took it, and is for those who may erase", async () => {
  await taken("json");
  const { rows } = await controlPool().query(
    "SELECT user_id, metadata ->> 'what' AS what FROM caretaker.audit_logs WHERE action = 'export-downloaded' AND resource_id = $1 ORDER BY id DESC LIMIT 1",
    [id],
  );
  expect(rows).toEqual([{ user_id: admin.id, what: "subject access" }]);
  const support = await person("support");
  await expect(exportAccess(support.actor, accessExportInput.parse({ id }))).rejects.toMatchObject({
    code: "forbidden",
  });
});

test("says at its end which rows could not be read any more", async () => {
  await db.client.query("ALTER TABLE posts RENAME TO moved");
  const unread = [{ where: "public.posts", why: "There is no such table any more." }];
  expect(JSON.parse((await taken("ndjson")).trim().split("\n").at(-1) ?? "")).toMatchObject({ unread });
  expect(JSON.parse(await taken("json"))).toMatchObject({ unread });
  expect(await taken("html")).toContain("<li>public.posts: There is no such table any more.</li>");
  await db.client.query("ALTER TABLE moved RENAME TO posts");
});

test("hands out every entry of the log, however many there are, in their order", async () => {
  await db.client.query(`
    INSERT INTO users VALUES (70, 'odd@example.com', 1, 'hash');
    DO $$ BEGIN FOR n IN 1..20050 LOOP UPDATE users SET email = CASE n % 2 WHEN 1 THEN 'even@example.com' ELSE 'odd@example.com' END WHERE id = 70; END LOOP; END $$`);
  const many = await search(admin.actor, db, { table: "users", record: "70" });
  const { lines } = await exportAccess(admin.actor, accessExportInput.parse({ id: many.id, format: "ndjson" }));
  const known = (await Array.fromAsync(lines))
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const entries = known.filter(({ kind }) => kind === "entry");
  expect(entries).toHaveLength(20_051);
  expect(entries.slice(1).every(({ before }, at) => before.email === entries[at].after.email)).toBe(true);
  expect(known.at(-1)).toEqual({ kind: "end", lines: known.length - 2, unread: [] });
}, 120_000);

test("hands out linked rows beyond what a search takes up, with what the log says of them, and those that hang from these", async () => {
  await db.client.query(`
    INSERT INTO users VALUES (71, 'many@example.com', 1, 'hash');
    INSERT INTO visits SELECT n, 71, 'Street ' || n FROM generate_series(1, 2602) AS n;
    INSERT INTO visits VALUES (5000, 8, 'of somebody else');
    INSERT INTO notes VALUES (1, 1, 'a note'), (2, 2602, 'a note')`);
  const { id: many } = await search(admin.actor, db, { table: "users", record: "71" });
  const { lines } = await exportAccess(admin.actor, accessExportInput.parse({ id: many, format: "ndjson" }));
  const [about, ...known] = (await Array.fromAsync(lines))
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const visits = known.filter(({ table }) => table === "public.visits");
  const rows = visits.filter(({ kind }) => kind === "row");
  expect(rows).toHaveLength(2_602);
  expect(new Set(rows.map(({ record }) => record)).size).toBe(2_602);
  expect(rows.find(({ record }) => record === "2602")?.values).toEqual({
    id: 2602,
    user_id: 71,
    street: "Street 2602",
  });
  expect(visits.filter(({ kind }) => kind === "entry")).toHaveLength(2_602);
  expect(known.filter(({ kind, table }) => kind === "row" && table === "public.notes")).toHaveLength(2);
  const unread = [{ where: "public.letters by visit_id", why: expect.stringContaining("beyond the first") }];
  expect(known.at(-1)).toMatchObject({ kind: "end", unread });
  expect(JSON.stringify(known)).not.toContain("somebody else");
  expect(about.notReached).not.toContainEqual(expect.objectContaining({ where: "public.visits by user_id" }));
}, 120_000);

test("hands out when, from where and with which program the person acted", async () => {
  await controlPool().query("UPDATE databases SET users_table = $2 WHERE id = $1", [
    db.id,
    JSON.stringify({ schema: "public", table: "users", key: "id", name: null, email: null }),
  ]);
  await db.client.query(`BEGIN;
    SELECT set_config('app.current_user_id', '7', true), set_config('app.ip_address', '192.0.2.7', true), set_config('app.user_agent', 'Browser 1', true);
    UPDATE posts SET body = 'Changed' WHERE id = 1; COMMIT`);
  const { id: acted } = await search(admin.actor, db, { table: "users", record: "7" });
  const input = (format: string) => accessExportInput.parse({ id: acted, format });
  const { lines } = await exportAccess(admin.actor, input("ndjson"));
  const known = (await Array.fromAsync(lines))
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(known).toContainEqual(
    expect.objectContaining({
      ...{ kind: "act", table: "public.posts", record: "1", action: "update", at: expect.stringMatching(/^20.*Z$/) },
      ...{ address: "192.0.2.7", program: "Browser 1" },
    }),
  );
  const page = (await Array.fromAsync((await exportAccess(admin.actor, input("html"))).lines)).join("");
  expect(page).toContain("Browser 1");
});
