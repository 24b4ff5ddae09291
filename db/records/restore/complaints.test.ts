import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl, control } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { databases, servers } from "../../schema/fleet.ts";
import { seal } from "../../secrets/seal.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { restoring } from "./testing/restoring.ts";

// What people complain of in eleven systems that restore deleted records, one test each.

const ddl = `
  CREATE TABLE projects (id integer PRIMARY KEY, name text UNIQUE, deleted_at timestamptz);
  CREATE TABLE tasks (id integer PRIMARY KEY, project integer REFERENCES projects ON DELETE CASCADE, title text, deleted_at timestamptz);
  CREATE TABLE labels (id integer PRIMARY KEY, name text);
  CREATE TABLE task_labels (task integer REFERENCES tasks ON DELETE CASCADE, label integer REFERENCES labels ON DELETE CASCADE, PRIMARY KEY (task, label));
  CREATE TABLE pages (id integer PRIMARY KEY, slug text, deleted_at timestamptz, UNIQUE (slug, deleted_at));
  CREATE UNIQUE INDEX pages_live ON pages (slug) WHERE deleted_at IS NULL;
  CREATE TABLE books (id integer PRIMARY KEY, name text, deleted_at timestamptz);
  CREATE UNIQUE INDEX books_live ON books (name) WHERE deleted_at IS NULL;
  CREATE TABLE loans (id integer PRIMARY KEY, book integer REFERENCES books ON DELETE RESTRICT);`;

const soft = { softDelete: { column: "deleted_at", kind: "timestamp" as const } };

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, { projects: soft, tasks: soft, pages: soft, books: soft });
});

beforeEach(async () => {
  await db.client.query("TRUNCATE projects, tasks, labels, task_labels, pages, books, loans CASCADE");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, restore, run, deletionOf, lastDeletion } = restoring(
  () => db,
  () => ada.actor,
);

const live = (table: string) =>
  sql<{ id: number }>(`SELECT id FROM ${table} WHERE deleted_at IS NULL ORDER BY id`).then((rows) =>
    rows.map(({ id }) => id),
  );

test("1: a child that was deleted on purpose before its parent stays deleted", async () => {
  await db.client.query("INSERT INTO projects VALUES (1, 'p'); INSERT INTO tasks VALUES (1, 1), (2, 1)");
  await db.client.query("UPDATE tasks SET deleted_at = now() WHERE id = 1");
  await db.client.query(
    "BEGIN; UPDATE tasks SET deleted_at = now() WHERE deleted_at IS NULL; UPDATE projects SET deleted_at = now(); COMMIT",
  );
  await restore({ schema: "public", table: "projects", record: "1" });
  expect(await live("tasks")).toEqual([2]);

  await db.client.query("DELETE FROM tasks WHERE id = 1");
  await db.client.query("DELETE FROM projects");
  await restore({ entry: await deletionOf("projects", "1") });
  expect(await live("tasks")).toEqual([2]);
});

test("2: a deletion that took long comes back whole: rows belong to it by their transaction, not by their time", async () => {
  await db.client.query("INSERT INTO projects VALUES (1, 'p'); INSERT INTO tasks VALUES (1, 1), (2, 1)");
  await db.client.query(
    `BEGIN; UPDATE tasks SET deleted_at = now() - interval '3 days' WHERE id = 1; SELECT pg_sleep(0.05);
     UPDATE tasks SET deleted_at = clock_timestamp() WHERE id = 2; UPDATE projects SET deleted_at = now() + interval '3 days'; COMMIT`,
  );
  await restore({ schema: "public", table: "projects", record: "1" });
  expect(await live("tasks")).toEqual([1, 2]);
});

test("3: rows of a join table come back with what they join", async () => {
  await db.client.query(
    "INSERT INTO projects VALUES (1, 'p'); INSERT INTO tasks VALUES (1, 1); INSERT INTO labels VALUES (1), (2); INSERT INTO task_labels VALUES (1, 1), (1, 2); DELETE FROM projects",
  );
  await restore({ entry: await deletionOf("projects", "1") });
  expect(await sql("SELECT task, label FROM task_labels ORDER BY label")).toEqual([
    { task: 1, label: 1 },
    { task: 1, label: 2 },
  ]);
});

test("4: a name that an invisible row holds is said to be held by a row that is marked as deleted", async () => {
  await db.client.query(
    "INSERT INTO projects VALUES (1, 'p'); DELETE FROM projects; INSERT INTO projects VALUES (2, 'p', now())",
  );
  const planned = await plan({ entry: await deletionOf("projects", "1") });
  expect(planned.problems[0]?.examples[0]?.message).toContain(
    "A row that is marked as deleted, projects 2, holds the same name",
  );
  await restore({ entry: await deletionOf("projects", "1"), choose: { unique_clash: { do: "swap" } } });
  expect(await sql("SELECT id, name FROM projects ORDER BY id")).toEqual([
    { id: 1, name: "p" },
    { id: 2, name: "p-restored" },
  ]);
});

test("5: a clash is a question before the restore, and no crash within it", async () => {
  await db.client.query(
    "INSERT INTO projects VALUES (1, 'p'), (3, 'q'); DELETE FROM projects; INSERT INTO projects VALUES (2, 'p')",
  );
  const transaction = await lastDeletion();
  const planned = await plan({ transaction });
  expect(planned).toMatchObject({
    status: "open",
    problems: [{ code: "unique_clash", rows: 1, offers: ["rename", "swap", "null", "skip"] }],
  });
  await expect(run(planned)).rejects.toMatchObject({ code: "conflict" });
  expect(await live("projects")).toEqual([2]);
  await restore({ transaction, choose: { unique_clash: { do: "skip" } } });
  expect(await live("projects")).toEqual([2, 3]);
});

test("6: a key over name and mark holds through delete, restore and delete again: no old mark is rewritten", async () => {
  await db.client.query(
    `INSERT INTO pages VALUES (1, 'home', '2026-01-01'), (2, 'home', NULL); UPDATE pages SET deleted_at = '2026-02-01' WHERE id = 2`,
  );
  const done = await restore({ schema: "public", table: "pages", record: "2" });
  await restore({ undo: done.restore });
  expect(await sql("SELECT id, deleted_at::date::text AS mark FROM pages ORDER BY id")).toEqual([
    { id: 1, mark: "2026-01-01" },
    { id: 2, mark: "2026-02-01" },
  ]);
});

test("7: deleting the parent again leaves its children's marks, and so their time until purge, as they were", async () => {
  await db.client.query(
    "INSERT INTO projects VALUES (1, 'p'); INSERT INTO tasks VALUES (1, 1, 't', '2026-01-01'); UPDATE projects SET deleted_at = '2026-02-01'",
  );
  const first = await restore({ schema: "public", table: "projects", record: "1" });
  expect(first.plan.writes).toBe(1);
  await restore({ undo: first.restore });
  expect(
    await sql("SELECT p.deleted_at::date::text AS p, t.deleted_at::date::text AS t FROM projects p, tasks t"),
  ).toEqual([{ p: "2026-02-01", t: "2026-01-01" }]);
});

test("8: a restored row below a parent that is still deleted is said to stay hidden", async () => {
  await db.client.query(
    "INSERT INTO projects VALUES (1, 'p', now()); INSERT INTO tasks VALUES (1, 1); UPDATE tasks SET deleted_at = now()",
  );
  const planned = await plan({ schema: "public", table: "tasks", record: "1" });
  expect(planned.problems[0]?.examples[0]?.message).toContain(
    "which is marked as deleted, so the application may go on hiding the row",
  );
});

test("9: a row that was deleted twice, first marked and then removed, still comes back", async () => {
  await db.client.query(
    "INSERT INTO projects VALUES (1, 'p'); UPDATE projects SET deleted_at = now(); DELETE FROM projects",
  );
  await restore({ entry: await deletionOf("projects", "1") });
  expect(await live("projects")).toEqual([1]);
});

test("10: no live row is hidden from below rows that the database would not let it be deleted from", async () => {
  await db.client.query(
    "INSERT INTO books VALUES (1, 'b'); DELETE FROM books; INSERT INTO books VALUES (2, 'b'), (3, 'c'); INSERT INTO loans VALUES (1, 2)",
  );
  await restore({ entry: await deletionOf("books", "1"), choose: { unique_clash: { do: "swap" } } });
  expect(await sql("SELECT id, name, deleted_at FROM books WHERE id < 3 ORDER BY id")).toEqual([
    { id: 1, name: "b", deleted_at: null },
    { id: 2, name: "b-restored", deleted_at: null },
  ]);
});

test("11: a parent comes back with its child when that is asked for", async () => {
  await db.client.query(
    "INSERT INTO projects VALUES (1, 'p'); INSERT INTO tasks VALUES (1, 1); DELETE FROM tasks; DELETE FROM projects",
  );
  await restore({ entry: await deletionOf("tasks", "1"), choose: { parent_deleted: { do: "include" } } });
  expect([await live("projects"), await live("tasks")]).toEqual([[1], [1]]);
});

test("12: a row that row security or a trigger keeps out is a refusal and never a silent success", async () => {
  await db.client.query(`INSERT INTO labels VALUES (7, 'x'), (8, 'y'); DELETE FROM labels;
    CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN NEW.id = 8 THEN NULL ELSE NEW END; END $$;
    CREATE TRIGGER drop_it BEFORE INSERT ON labels FOR EACH ROW EXECUTE FUNCTION drop_it()`);
  const transaction = await lastDeletion();
  await expect(restore({ transaction })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("Of 2 rows of public.labels the database took 1"),
  });
  await db.client.query("DROP TRIGGER drop_it ON labels");
  expect(await sql("SELECT id FROM labels")).toEqual([]);

  const role = `restorer_${crypto.randomUUID().slice(0, 8)}`;
  await db.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'none'; GRANT USAGE ON SCHEMA public, caretaker TO ${role};
    GRANT ALL ON ALL TABLES IN SCHEMA public, caretaker TO ${role}; GRANT TEMP ON DATABASE ${new URL(db.url).pathname.slice(1)} TO ${role};
    ALTER TABLE labels ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON labels USING (name = 'x')`);
  const [database] = await control().select().from(databases).where(eq(databases.id, db.id));
  const [server] = await control()
    .select()
    .from(servers)
    .where(eq(servers.id, database?.serverId ?? ""));
  const as = (username: string, password: string) =>
    control()
      .update(servers)
      .set({ username, credential: seal(password, server?.id ?? "") })
      .where(eq(servers.id, server?.id ?? ""));
  await as(role, "none");
  await expect(restore({ transaction })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("row-level security"),
  });
  await as(server?.username ?? "", new URL(db.url).password || "none");
  expect(await sql("SELECT id FROM labels")).toEqual([]);
});
