import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { archiveStatements } from "../../managed/archive.ts";
import { readTables } from "../../managed/read-tables.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
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
  db = await adoptedDatabase(`CREATE TABLE users (id bigint PRIMARY KEY, email text);
    CREATE TABLE addresses (id bigint PRIMARY KEY, person bigint REFERENCES users, street text);
    CREATE TABLE notes (id bigint PRIMARY KEY, body text);
    CREATE TABLE loose (body text)`);
  for (const table of await readTables(db.client, "public")) {
    for (const { sql } of archiveStatements({ ...table, tenant: null, masked: [], ignored: [] }))
      await db.client.query(sql);
  }
  await confirmPersonal(db.id, "public.users.email", "public.addresses.street");
  await db.client.query(`
    INSERT INTO users VALUES (1, 'grace@example.com'), (2, 'alan@example.com');
    INSERT INTO addresses VALUES (1, 1, 'Gone Street'), (2, 2, 'Alan Street');
    INSERT INTO notes VALUES (1, 'Ask Grace@Example.com'), (2, 'nothing'), (3, 'grace@example.com sued');
    INSERT INTO loose VALUES ('grace@example.com');
    DELETE FROM addresses; DELETE FROM users; DELETE FROM notes; DELETE FROM loose;
    INSERT INTO caretaker.holds (id, name, rules, placed_by, placed_at)
    VALUES (gen_random_uuid(), 'Smith v. Acme', '[{"schema": "public", "table": "notes", "tenant": null, "record": "3", "values": {}}]', 'Ada', now())`);
  await forgetLog();
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

/** As when its months went: copies may be kept for longer than the log is. */
async function forgetLog(): Promise<void> {
  const { rows } = await db.client.query<{ part: string }>(
    "SELECT DISTINCT tableoid::regclass::text AS part FROM caretaker.audit_logs",
  );
  for (const { part } of rows) {
    await db.client.query(`ALTER TABLE ${part} DISABLE TRIGGER append_only; DELETE FROM ${part};
                           ALTER TABLE ${part} ENABLE ALWAYS TRIGGER append_only`);
  }
}

async function copiesOf(table: string): Promise<(string | null)[]> {
  const { rows } = await db.client.query<{ record: string | null }>(
    `SELECT record FROM caretaker.deleted_${table}_archive ORDER BY id`,
  );
  return rows.map(({ record }) => record);
}

test("copies of deleted rows are found and removed when the log knows nothing of them any more, but for what a hold keeps", async () => {
  const about = { table: "users", record: "1", terms: ["grace@example.com"] };
  const named = { ...about, search: ["public.notes.body", "public.loose.body"] };
  const { id, plan } = await search(admin.actor, db, named);
  expect(plan.items.map(({ key, kind, method, count }) => ({ key, kind, method, count }))).toEqual(
    ["addresses", "notes", "users"].map((table) => ({
      ...{ key: `copies public.${table}`, kind: "copies", method: "remove", count: 1 },
    })),
  );
  expect(plan.notReached).toContainEqual({
    where: "copies of deleted rows of public.loose",
    why: expect.stringMatching(/without a key/),
  });
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  // What has no key cannot be told apart, so that not everything was looked at; all else is gone.
  expect(await readErasure(admin.actor, id)).toMatchObject({
    state: "incomplete",
    lastCheck: { clean: false, remaining: [] },
  });
  expect(await copiesOf("users")).toEqual(["2"]);
  expect(await copiesOf("addresses")).toEqual(["2"]);
  expect(await copiesOf("notes")).toEqual(["2", "3"]);
  expect((await search(admin.actor, db, named)).plan).toMatchObject({ status: "nothing", items: [] });
});
