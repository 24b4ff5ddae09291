import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { searchAudit } from "../search.ts";

// Who is meant by a name: of those who live, and of those who are gone.

let db: Adopted;
let admin: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Root");
  db = await adoptedDatabase(
    `CREATE TABLE users (id bigint PRIMARY KEY, name text, email text); CREATE TABLE notes (id bigint PRIMARY KEY)`,
    {},
    { usersTable: { schema: "public", table: "users", key: "id", name: "name", slug: null } },
  );
  await db.client.query(
    `INSERT INTO users VALUES (1, 'Ada', 'ada@x.example'), (2, 'Bob', 'bob@x.example'), (3, 'Eve', 'Eve@x.example'), (4, 'Dan', 'sales@x.example')`,
  );
  for (const id of [1, 2, 3, 4, 5]) {
    await db.client.query(
      `BEGIN; SELECT caretaker.set_context(user_id => '${id}'); INSERT INTO notes VALUES (${id}); COMMIT`,
    );
  }
  await db.client.query("DELETE FROM users WHERE id IN (2, 4); INSERT INTO users VALUES (5, 'Fay', 'sales@x.example')");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

test.each([
  [
    "of a list each name, also of one who is gone and in another case",
    "actor:ada@x.example,BOB@x.example,eve@x.example",
    [1, 2, 3],
  ],
  ["an e-mail that was given to somebody else", "actor:sales@x.example", [4, 5]],
  ["everybody but a list", "-actor:ada@x.example,bob@x.example", [3, 4, 5]],
])("a filter means %s", async (_what, q, ids) => {
  const { rows } = await searchAudit(admin.actor, { database: db.id, q: `table:notes ${q}` });
  expect(rows.map(({ actor }) => Number(actor.id)).toSorted()).toEqual(ids);
});
