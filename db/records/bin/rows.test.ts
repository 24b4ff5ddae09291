import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, control } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { staffActor } from "../../mint.ts";
import { managedTables } from "../../schema/fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl, testServer } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { registerDatabase } from "../../testing/register.ts";
import type { DeletedFilter, DeletedRow } from "../contract.ts";
import { policy } from "../retention/testing/purging.ts";
import { listDeleted } from "./rows.ts";

const ddl = `
  CREATE TABLE users (id integer PRIMARY KEY, name text, password text);
  CREATE TABLE posts ("postId" integer PRIMARY KEY, tenant text, title text, "deletedAt" timestamp(3));
  CREATE TABLE comments (id integer PRIMARY KEY, post integer REFERENCES posts, deleted_at timestamptz);
  CREATE TABLE flags (id integer PRIMARY KEY, is_deleted boolean);`;

let one: Adopted;
let two: Adopted;
let sam: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  sam = await person("support", "Sam");
  const choices = {
    users: { maskedColumns: ["password"] },
    posts: { softDelete: { column: "deletedAt", kind: "timestamp" }, class: "tenant", tenantColumn: "tenant" },
    comments: {
      softDelete: { column: "deleted_at", kind: "timestamp" },
      class: "child",
      tenantColumn: "tenant",
      tenantPath: [{ schema: "public", table: "posts", columns: ["post"], parentColumns: ["postId"] }],
    },
    flags: { softDelete: { column: "is_deleted", kind: "boolean" } },
  } as const;
  const usersTable = { schema: "public", table: "users", key: "id", name: "name", slug: null };
  const mutable = structuredClone(choices) as unknown as Parameters<typeof adoptedDatabase>[1];
  one = await adoptedDatabase(ddl, mutable, { usersTable });
  two = await adoptedDatabase(ddl, mutable, { usersTable });
  for (const { client } of [one, two]) {
    await client.query(`
      ALTER TABLE flags DISABLE TRIGGER USER; INSERT INTO flags VALUES (1, true), (2, true); ALTER TABLE flags ENABLE ALWAYS TRIGGER caretaker_update;
      INSERT INTO flags VALUES (3, false);
      INSERT INTO users SELECT n, 'User ' || n, 'secret ' || n FROM generate_series(1, 30) n;
      INSERT INTO posts SELECT n, CASE n % 2 WHEN 0 THEN 'acme' ELSE 'zeta' END, 'Post ' || n FROM generate_series(1, 30) n;
      INSERT INTO comments SELECT n, n FROM generate_series(1, 30) n;`);
    await client.query(`BEGIN; SELECT caretaker.set_context(user_id => '30', reason => 'clean-up');
      UPDATE posts SET "deletedAt" = '2026-03-01 10:00:00.123' WHERE "postId" <= 20;
      UPDATE comments SET deleted_at = '2026-03-01 10:00:00.123Z' WHERE id <= 20;
      DELETE FROM users WHERE id <= 12; UPDATE flags SET is_deleted = true WHERE id = 3; COMMIT`);
    await client.query("INSERT INTO users VALUES (12, 'Back again', 'x')");
  }
});

afterAll(async () => {
  await one.client.end();
  await two.client.end();
  await closeFleet();
  await closeControl();
});

async function all(filter: DeletedFilter, size: number): Promise<DeletedRow[]> {
  const rows: DeletedRow[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listDeleted>> = await listDeleted(sam.actor, filter, cursor, size);
    expect(page.silent).toEqual([]);
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== null);
  return rows;
}

describe("listDeleted", () => {
  test.each([1, 7, 50, 1000])("shows every deleted row once, newest first, in pages of %i", async (size) => {
    const rows = await all({}, size);
    const perDatabase = 11 + 20 + 20 + 3;
    expect(rows).toHaveLength(2 * perDatabase);
    expect(new Set(rows.map((row) => JSON.stringify([row.database, row.table, row.record]))).size).toBe(
      2 * perDatabase,
    );
    const times = rows.map(({ at }) => at ?? "");
    expect(times).toEqual(times.toSorted().toReversed());
    expect(rows.filter(({ at }) => at === null).map(({ table }) => table)).toEqual([
      "flags",
      "flags",
      "flags",
      "flags",
    ]);
  });

  test("says who deleted a row, why, what went with it, until when it stays and how sure that is", async () => {
    const [hard] = await all({ database: one.id, table: "users", record: "3" }, 10);
    expect(hard).toMatchObject({ kind: "hard", label: "User 3", reason: "clean-up", together: 12 + 40 + 1 });
    expect(hard?.actor).toMatchObject({ name: "User 30", kind: "user" });
    expect(hard?.purgeAt).toBe(null);
    expect(hard?.evidence).toBe("The audit log holds the row as it was, but for its masked fields.");
    await policy(one.id, "posts", { graceDays: 60 });
    await policy(one.id, "flags", { graceDays: 60, onAt: null });
    const [soft] = await all({ database: one.id, table: "posts", record: "4" }, 10);
    expect(Date.parse(soft?.purgeAt ?? "") - Date.parse(soft?.at ?? "")).toBe(60 * 86_400_000);
    expect(soft).toMatchObject({
      kind: "soft",
      label: "Post 4",
      tenant: "acme",
      at: "2026-03-01T10:00:00.123000Z",
      reason: "clean-up",
    });
    expect(soft?.actor?.name).toBe("User 30");
    const [unrecorded] = await all({ database: one.id, table: "flags", record: "1" }, 10);
    expect(unrecorded).toMatchObject({ at: null, actor: null, entry: null, purgeAt: null });
    expect(unrecorded?.evidence).toBe(
      "The row is still in its table; is_deleted marks it, but who set it was not recorded.",
    );
  });

  test.each<[string, DeletedFilter, number]>([
    ["kind hard", { kind: "hard" }, 22],
    ["kind soft", { kind: "soft" }, 86],
    ["table", { table: "comments" }, 40],
    ["tenant, also by way of the parent", { tenant: "acme", kind: "soft" }, 40],
    ["actor", { actor: "30" }, 22],
    ["before", { to: "2026-03-02" }, 80],
    ["since", { from: "2026-03-02" }, 24],
    ["database and table", { table: "users" }, 22],
  ])("filters by %s", async (_name, filter, count) => {
    expect(await all(filter, 9)).toHaveLength(count);
  });

  test("a row that was created again is not deleted any more", async () => {
    expect(await all({ table: "users", record: "12" }, 10)).toEqual([]);
  });

  test("a dead database and a table that lost its column are named beside what was found", async () => {
    const dead = await registerDatabase("postgres://nobody@127.0.0.1:1/nowhere");
    await two.client.query("ALTER TABLE comments DROP COLUMN deleted_at");
    const page = await listDeleted(sam.actor, {}, null, 1000);
    expect(page.rows).toHaveLength(2 * 54 - 20);
    expect(page.silent.map(({ databaseId }) => databaseId).toSorted()).toEqual([dead, two.id].toSorted());
    expect(page.silent.find(({ databaseId }) => databaseId === two.id)?.reason).toContain("deleted_at");
  });

  test("a table whose policies may hide rows from the console's role is named beside what was found", async () => {
    const { url, client } = one;
    const role = `reader_${randomUUID().slice(0, 8)}`;
    const own = new URL(url);
    [own.username, own.password] = [role, testServer().password || "none"];
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(own.password)}`);
    await client.query(`GRANT pg_read_all_data TO ${role}`);
    await client.query(`ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON posts USING (tenant = current_setting('app.current_tenant_id', true))`);
    const seen = await registerDatabase(own.href);
    const known = await control().select().from(managedTables).where(eq(managedTables.databaseId, one.id));
    await control()
      .insert(managedTables)
      .values(known.map(({ id: _id, ...table }) => ({ ...table, databaseId: seen })));
    const page = await listDeleted(sam.actor, { database: seen, kind: "soft" }, null, 1000);
    expect(page.rows.filter(({ table }) => table === "posts")).toEqual([]);
    expect(page.rows.filter(({ table }) => table === "flags")).toHaveLength(3);
    expect(page.silent.map(({ databaseId, reason }) => [databaseId, reason])).toEqual([
      [seen, "row security of public.posts may hide rows from the console's role"],
    ]);
  });

  test("is refused without the capability", async () => {
    const powerless = staffActor({ staffId: sam.id, name: "Sam", role: "support", only: ["audit.read"] });
    await expect(listDeleted(powerless, {})).rejects.toMatchObject({ code: "forbidden" });
  });
});
