import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { chooseErasureInput, startErasureInput } from "./contract.ts";
import { forgetSearches } from "./job/forget.ts";
import { listErasures } from "./list.ts";
import { readErasurePlan } from "./plan/read.ts";
import { chooseErasure, startErasure } from "./start.ts";
import { confirmPersonal, item, planOf, search } from "./testing/erasing.ts";

let admin: Person;
let db: Adopted;

const ddl = `
  CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, phone text, plan text);
  CREATE TABLE profiles (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, street text, born date NOT NULL);
  CREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users ON DELETE SET NULL, body text NOT NULL);
  CREATE TABLE comments (id bigint PRIMARY KEY, post bigint NOT NULL REFERENCES posts ON DELETE CASCADE, mail text, said text);
  CREATE TABLE orders (id bigint PRIMARY KEY, mail text NOT NULL, shipping jsonb NOT NULL DEFAULT '{}');
  CREATE TABLE loose (mail text);`;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl);
  await confirmPersonal(
    db.id,
    ...["email", "name", "phone"].map((column) => `public.users.${column}`),
    ...["public.profiles.street", "public.profiles.born", "public.comments.mail", "public.orders.mail"],
    ...["public.orders.shipping", "public.loose.mail"],
  );
  await db.client.query(`
    INSERT INTO users VALUES (7, 'grace@example.com', 'Grace Hopper', '+1 555 0100 22', 'free'), (8, 'alan@example.com', 'Alan', NULL, 'free');
    INSERT INTO profiles VALUES (1, 7, 'Main Street 1', '1906-12-09'), (2, 8, 'Side Street', '1912-06-23');
    INSERT INTO posts VALUES (1, 7, 'Nothing'), (2, 8, 'Ask Grace Hopper, GRACE@example.com, about it'), (3, 8, 'Others');
    INSERT INTO comments VALUES (1, 1, 'alan@example.com', 'hello'), (2, 3, 'grace@example.com', 'hello'), (3, 1, NULL, 'x');
    INSERT INTO orders VALUES (1, 'Grace@Example.com', '{"to": "grace@example.com"}'), (2, 'alan@example.com', '{}');
    INSERT INTO loose VALUES ('grace@example.com');
    UPDATE orders SET mail = 'else@example.com' WHERE id = 2;
    INSERT INTO orders VALUES (3, 'grace@example.com', '{}'); UPDATE orders SET mail = 'other@example.com' WHERE id = 3;`);
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const grace = { table: "users", record: "7", search: ["public.posts.body"], terms: ["Grace Hopper"] };

describe("a search for a person", () => {
  test("finds the own row, what points at it, and every row that holds a word", async () => {
    const { plan } = await search(admin.actor, db, grace);
    expect(plan.terms).toEqual(["+1 555 0100 22", "Grace Hopper", "grace@example.com"]);
    expect(item(plan, "own public.users")).toMatchObject({ count: 1, method: "redact" });
    expect(item(plan, "own public.users").columns).toMatchObject([
      { name: "email", method: { do: "hash" } },
      { name: "name", method: { do: "text", to: "erased" } },
      { name: "phone", method: { do: "null" } },
    ]);
    expect(item(plan, "path public.profiles").columns).toMatchObject(
      [
        { name: "born", method: { do: "text", to: "1970-01-01" } },
        { name: "street", method: { do: "null" } },
      ].toReversed(),
    );
    expect(item(plan, "path public.posts")).toMatchObject({ count: 1, method: "keep" });
    expect(item(plan, "column public.orders")).toMatchObject({ count: 1, method: "redact" });
    expect(item(plan, "text public.posts")).toMatchObject({
      count: 1,
      method: "redact",
      columns: [{ method: { do: "words" } }],
    });
  });

  test("asks about rows that may be somebody else's, and says what it could not look at", async () => {
    const { plan } = await search(admin.actor, db, grace);
    expect(plan.status).toBe("open");
    // The comment by somebody else beneath this person's post; the one without a personal value says nothing.
    expect(item(plan, "path public.comments")).toMatchObject({ method: "open", columns: [{ name: "mail", rows: 1 }] });
    expect(plan.notReached).toContainEqual(expect.objectContaining({ where: "public.loose: mail" }));
  });

  test("finds words that only the log still holds", async () => {
    const { plan } = await search(admin.actor, db, grace);
    expect(item(plan, "log public.orders")).toMatchObject({ count: 1, method: "redact" });
    expect(plan.entries).toBeGreaterThanOrEqual(4);
  });

  test("keeps nothing of the person in the clear", async () => {
    await search(admin.actor, db, grace);
    const { rows } = await controlPool().query<{ said: string }>(
      `SELECT erasures::text || coalesce((SELECT string_agg(audit_logs::text, '') FROM caretaker.audit_logs WHERE resource_type IN ('erasures', 'jobs')), '')
              || (SELECT string_agg(jobs::text, '') FROM jobs) AS said FROM erasures`,
    );
    for (const { said } of rows) expect(said).not.toMatch(/grace@example|Hopper/i);
  });

  test("goes by words alone where there is no row", async () => {
    const { plan } = await search(admin.actor, db, { terms: ["alan@example.com"] });
    expect(plan.items.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["column public.comments", "column public.users", "log public.orders mail"]),
    );
    expect(item(plan, "column public.users")).toMatchObject({ method: "open" });
  });

  test("is forgotten after 30 days, unless it was run", async () => {
    const ids = [
      await search(admin.actor, db, grace),
      await search(admin.actor, db, grace),
      await search(admin.actor, db, grace),
    ];
    const [first, second, third] = ids.map(({ id }) => id);
    const past =
      "UPDATE erasures SET asked_at = now() - interval '31 days', found_at = now() - interval '31 days', state = $2 WHERE id = $1";
    await controlPool().query(past, [first, "found"]);
    await controlPool().query(past, [second, "done"]);
    await forgetSearches.run(passing("forget", admin.actor, new AbortController().signal, pino({ level: "silent" })));
    const { rows } = await controlPool().query("SELECT id FROM erasures WHERE id = ANY ($1)", [[first, second, third]]);
    expect(rows.map(({ id }) => id).toSorted()).toEqual([second, third].toSorted());
  });

  test("is for those who may erase", async () => {
    const support = await person("support");
    const asked = startErasureInput.parse({ database: db.id, table: "users", record: "7" });
    await expect(startErasure(support.actor, asked)).rejects.toMatchObject({ code: "forbidden" });
    const { id } = await search(admin.actor, db, grace);
    await expect(readErasurePlan(support.actor, id)).rejects.toMatchObject({ code: "forbidden" });
    expect((await listErasures(support.actor, {})).rows[0]).toMatchObject({ id, subject: "public.users 7" });
  });
});

describe("the plan", () => {
  const choose = (id: string, more: object) => chooseErasure(admin.actor, chooseErasureInput.parse({ id, ...more }));

  test("takes along what a deletion cascades to, unlinks what may stay, and names what stands in the way", async () => {
    const { id } = await search(admin.actor, db, grace);
    await choose(id, { item: "own public.users", method: "delete" });
    const stuck = await planOf(admin.actor, id);
    expect(item(stuck, "own public.users").problems).toEqual([expect.stringMatching(/1 rows of public.profiles hang/)]);
    await choose(id, { item: item(stuck, "path public.profiles").key, method: "delete" });
    await choose(id, { item: item(stuck, "path public.posts").key, method: "delete" });
    const plan = await planOf(admin.actor, id);
    expect(plan.items.flatMap(({ problems }) => problems)).toEqual([]);
    expect(plan.statements.filter(({ sql }) => sql.startsWith("DELETE")).map(({ object }) => object)).toEqual([
      "public.comments",
      "public.posts",
      "public.profiles",
      "public.users",
    ]);
    expect(plan.deleted).toBe(5);
  });

  test("has one hash for one world and one set of choices, and another for any other", async () => {
    const first = await search(admin.actor, db, grace);
    const second = await search(admin.actor, db, grace);
    expect(second.plan.hash).toBe(first.plan.hash);
    await choose(second.id, { item: "own public.users", method: "keep", why: "An open invoice" });
    const kept = await planOf(admin.actor, second.id);
    expect(kept.hash).not.toBe(first.plan.hash);
    expect(item(kept, "own public.users")).toMatchObject({ method: "keep", why: "An open invoice" });
    await db.client.query("INSERT INTO orders VALUES (9, 'grace@example.com', '{}')");
    expect((await search(admin.actor, db, grace)).plan.hash).not.toBe(first.plan.hash);
    await db.client.query("DELETE FROM orders WHERE id = 9");
  });

  test("does not take a reason for granted, nor a method that a column's rules forbid", async () => {
    const { id } = await search(admin.actor, db, grace);
    await expect(choose(id, { item: "own public.users", method: "keep" })).rejects.toMatchObject({ code: "invalid" });
    await choose(id, { item: "own public.users", method: "redact", columns: ["email=null", "name=text:gone"] });
    const [email, name] = item(await planOf(admin.actor, id), "own public.users").columns;
    expect(email).toMatchObject({ method: { do: "hash" }, offers: ["hash"] });
    expect(name).toMatchObject({ method: { do: "text", to: "gone" } });
  });
});
