import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, control } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { staffActor } from "../mint.ts";
import { tenants } from "../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { auditedSince, newestEntry } from "../testing/audit.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { actorActivity } from "./actor-activity.ts";
import { requestStory, transactionStory } from "./story.ts";
import { listStories } from "./story-list.ts";
import { partsText } from "./story-sentence.ts";
import { whoDeleted } from "./who-deleted.ts";
import { askWhoDeleted } from "./who-deleted-asked.ts";

const ddl = `
  CREATE TABLE tenants (id text PRIMARY KEY, name text);
  CREATE TABLE users (id bigint PRIMARY KEY, name text, email text, phone text);
  CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id text, user_id bigint REFERENCES users ON DELETE CASCADE, number text);
  CREATE TABLE payments (order_id bigint REFERENCES orders ON DELETE CASCADE, part int, tenant_id text, amount numeric, PRIMARY KEY (order_id, part));
  CREATE TABLE pages (id int PRIMARY KEY, slug text, title text, trashed_at timestamptz);
  CREATE TABLE bare (note text)`;

const users = { schema: "public", table: "users", key: "id", name: "name", slug: null };
let db: Adopted;
let ada: Awaited<ReturnType<typeof person>>;

/** Runs statements in one transaction, as the application does for a person's request. */
async function request(user: string | null, id: string, ...statements: string[]): Promise<void> {
  await db.client.query("BEGIN");
  await db.client.query(
    "SELECT caretaker.set_context(user_id => $1, ip_address => '10.1.2.3', user_agent => 'Firefox', request_id => $2, reason => 'cleanup')",
    [user, id],
  );
  for (const sql of statements) await db.client.query(sql);
  await db.client.query("COMMIT");
}

beforeAll(async () => {
  await freshControl();
  ada = await person("support", "Ada");
  const tenant = { tenant: { kind: "column", column: "tenant_id" } as const, tenantColumn: "tenant_id" };
  db = await adoptedDatabase(
    ddl,
    {
      users: { maskedColumns: ["phone"] },
      orders: tenant,
      payments: tenant,
      pages: { softDelete: { column: "trashed_at", kind: "timestamp" } },
    },
    { usersTable: users },
  );
  await control().insert(tenants).values({ homeDatabaseId: db.id, key: "t1", name: "Acme" });
  await db.client.query(`
    INSERT INTO users VALUES (1, 'Grace Hopper', 'grace@example.com', '555-1'), (2, 'Alan O''Turing', 'Alan@Example.com', '555-2'), (3, 'Kay', 'kay@example.com', NULL);
    INSERT INTO orders VALUES (70, 't1', 2, 'ORD-70'), (71, 't1', 2, 'ORD-71');
    INSERT INTO payments VALUES (70, 1, 't1', 5), (70, 2, 't1', 6), (71, 1, 't1', 7);
    INSERT INTO pages VALUES (5, 'welcome', 'Welcome', NULL), (6, 'about', 'About us', NULL);
    INSERT INTO bare VALUES ('x')`);
  await db.client.query("UPDATE users SET email = 'alan.turing@example.com' WHERE id = 2");
  await request("1", "req-1", "DELETE FROM users WHERE id = 2");
  await request("1", "req-2", "UPDATE pages SET trashed_at = now() WHERE id = 5");
  await request(null, "req-3", "DELETE FROM orders WHERE id = 99", "DELETE FROM bare", "TRUNCATE pages");
  await request(
    "3",
    "req-4",
    "DELETE FROM users WHERE id = 1",
    "INSERT INTO users VALUES (1, 'Grace Two', 'g2@example.com', NULL)",
  );
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const ask = (text: string) => whoDeleted(ada.actor, { text });

describe("who deleted this?", () => {
  test("is answered by id: who, when, from where, in which request", async () => {
    const { deletions, alive } = await ask("2");
    expect(deletions[0]).toMatchObject({
      ...{ table: "users", record: "2", how: "removed", matched: "key", label: "Alan O'Turing", back: null },
      actor: { id: "1", name: "Grace Two", kind: "user" },
      ...{ ip: "10.1.2.3", userAgent: "Firefox", request: "req-1", reason: "cleanup" },
    });
    expect(alive).toBeNull();
  });

  test.each([
    ["ALAN.turing@example.com", "value", "email"],
    ["alan o'turing", "value", "name"],
    ["o'turing", "value", null],
    ["alan.tur", "beginning", "email"],
    ["555-2", "value", null],
    ["Alan@Example.com", "former", null],
  ])("is answered by what the row was called: %s", async (text, matched, field) => {
    const { deletions } = await ask(text);
    expect(deletions.map(({ table, record }) => `${table} ${record}`)).toEqual(["users 2"]);
    expect(deletions[0]).toMatchObject({ matched, field });
  });

  test("finds a row of a composite key, by number, and what went along with another row", async () => {
    expect((await ask('["70","2"]')).deletions).toMatchObject([{ table: "payments", request: "req-1" }]);
    expect((await ask("ord-71")).deletions).toMatchObject([{ table: "orders", record: "71", tenant: "t1" }]);
  });

  test("tells a row that was only marked from one that went, and each time it went", async () => {
    const marked = (await ask("welcome")).deletions.filter(({ how }) => how === "marked");
    expect(marked).toMatchObject([{ table: "pages", record: "5", request: "req-2", label: "Welcome" }]);
    expect((await ask("6")).deletions).toMatchObject([{ table: "pages", how: "removed", request: "req-3" }]);
  });

  test("says when a row came back", async () => {
    const [gone] = (await ask("grace@example.com")).deletions;
    expect(gone).toMatchObject({ record: "1", back: { action: "create" } });
  });

  test("says that nothing was deleted, and what lives under this id", async () => {
    expect(await ask("3")).toMatchObject({ deletions: [], alive: { table: "users", record: "3", action: "create" } });
    expect(await ask("nobody@example.com")).toMatchObject({ deletions: [], alive: null, more: false });
    for (const odd of ["'", "\\", "%", "a:b & c | !", "''::tsquery", ":*"])
      expect((await ask(odd)).deletions).toEqual([]);
  });

  test("is narrowed to a tenant and a database, and names databases that did not answer", async () => {
    expect((await whoDeleted(ada.actor, { text: "ord-71", tenant: "t1" })).deletions).toHaveLength(1);
    expect((await whoDeleted(ada.actor, { text: "ord-71", tenant: "t2" })).deletions).toEqual([]);
    const dead = await registerDatabase("postgres://nobody@127.0.0.1:1/nowhere");
    const { silent, deletions } = await ask("ord-71");
    expect(silent).toEqual([{ databaseId: dead, name: "nowhere", reason: expect.stringMatching(/./) }]);
    expect(deletions).toHaveLength(1);
    expect((await whoDeleted(ada.actor, { text: "ord-71", database: db.id })).silent).toEqual([]);
  });

  test("is refused without the capability", async () => {
    const powerless = staffActor({ staffId: ada.id, name: "Ada", role: "support", only: ["tenants.read"] });
    await expect(whoDeleted(powerless, { text: "2" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(transactionStory(powerless, db.id, "1")).rejects.toMatchObject({ code: "forbidden" });
    await expect(requestStory(powerless, "req-1")).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("one transaction", () => {
  test("is one story with one sentence, and what it removed is a tree", async () => {
    const [gone] = (await ask("2")).deletions;
    const story = await transactionStory(ada.actor, db.id, gone?.transaction ?? "", { near: gone?.at });
    expect(story.sentence).toBe("Grace Two deleted 3 payments, 2 orders and 1 user of Acme");
    expect(story).toMatchObject({ more: false, entries: 6, first: { request: "req-1" } });
    expect(story.tree).toMatchObject([
      {
        label: "Alan O'Turing",
        children: [
          { label: "ORD-70", via: ["user_id"], children: [{ via: ["order_id"] }, { via: ["order_id"] }] },
          { label: "ORD-71", children: [{ children: [] }] },
        ],
      },
    ]);
    expect(await transactionStory(ada.actor, db.id, gone?.transaction ?? "")).toEqual(story);
  });

  test("told by its request it is the same, with a TRUNCATE counted once", async () => {
    const { sentence, html, transactions } = await requestStory(ada.actor, "req-3");
    expect(sentence).toMatch(/^An unknown actor \(.*\) /);
    expect(sentence).toMatch(/deleted 1 bare/);
    expect(sentence).toMatch(/emptied 2 pages/);
    expect(html).toContain("<b>2 pages</b>");
    expect(transactions).toHaveLength(1);
  });

  test("that the log does not know is not found", async () => {
    for (const id of ["1", "99999999999999999999", "x"])
      await expect(transactionStory(ada.actor, db.id, id)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("the activity of an actor", () => {
  test("is told by request, with days and addresses, also of somebody who is gone", async () => {
    const activity = await actorActivity(ada.actor, "1");
    const lately = { more: false, entries: 7, addresses: [{ ip: "10.1.2.3", entries: 7 }], names: [], others: [] };
    expect(activity).toMatchObject({ name: "Grace Two", lately, next: null, unindexed: [] });
    expect(activity.lately?.days.reduce((sum, { entries }) => sum + entries, 0)).toBe(7);
    expect(activity.rows.map(({ parts }) => partsText(parts))).toEqual([
      "Grace Two changed 1 page",
      "Grace Two deleted 3 payments, 2 orders and 1 user of Acme",
    ]);
    expect(await actorActivity(ada.actor, "nobody")).toMatchObject({ name: null, lately: null, rows: [] });
  });

  test("is refused without the capability", async () => {
    const powerless = staffActor({ staffId: ada.id, name: "Ada", role: "support", only: ["tenants.read"] });
    await expect(actorActivity(powerless, "1")).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("the log as stories", () => {
  const filter = () => ({ database: db.id, q: "request:req-1,req-2,req-4" });

  test("tells each request in one sentence, newest first", async () => {
    const { rows, next } = await listStories(ada.actor, filter());
    expect(rows.map(({ parts }) => partsText(parts))).toEqual([
      "Kay created 1 user and deleted 1 user",
      "Grace Two changed 1 page",
      "Grace Two deleted 3 payments, 2 orders and 1 user of Acme",
    ]);
    expect(next).toBeNull();
  });

  test("tells each as the story itself does: a TRUNCATE's rows once, and an event as one, whatever it says of itself", async () => {
    await request(
      "3",
      "req-5",
      "INSERT INTO bare VALUES ('y'), ('z')",
      "TRUNCATE bare",
      `SELECT caretaker.log_event('export', 'invoices', NULL, '{"rows": 1200}')`,
      `SELECT caretaker.log_event('import', 'invoices', NULL, '{"rows": "many", "truncate": true}')`,
    );
    const { sentence, counts } = await requestStory(ada.actor, "req-5");
    const { rows } = await listStories(ada.actor, { database: db.id, q: "request:req-5" });
    const told = partsText(rows[0]?.parts ?? []);
    for (const text of [sentence, told]) {
      expect(text).toContain("emptied 2 bare");
      expect(text).toContain("exported 1 invoice");
      expect(text).not.toMatch(/deleted|NaN|1,200/);
    }
    expect(counts.map(({ action, rows: affected }) => [action, affected])).toEqual([
      ["create", 2],
      ["export", 1],
      ["import", 1],
      ["truncate", 2],
    ]);
  });

  test("breaks a page before a story and never within, unless the story fills it", async () => {
    const told: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listStories>> = await listStories(ada.actor, filter(), cursor, 4);
      told.push(...page.rows.map(({ entries }) => entries));
      cursor = page.next;
    } while (cursor !== null);
    expect(told).toEqual([2, 1, 4, 2]);
  });
});

describe("asking", () => {
  test("is itself recorded for those whose reading is", async () => {
    const after = await newestEntry();
    await askWhoDeleted(ada.actor, { text: "2" });
    expect(await auditedSince(after)).toEqual([{ action: "search_audit", table: "audit_logs", by: ada.id }]);
  });
});
