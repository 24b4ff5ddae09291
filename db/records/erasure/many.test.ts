import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { checkErasure } from "./check.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { listChecks, readErasure } from "./list.ts";
import { agree, confirmPersonal, item, runJob, search } from "./testing/erasing.ts";

let admin: Person;
let officer: Person;
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(
    `CREATE TABLE users (id bigint PRIMARY KEY, email text);
     CREATE TABLE visits (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, street text);`,
  );
  await confirmPersonal(db.id, "public.users.email", "public.visits.street");
  await db.client.query(
    `INSERT INTO users VALUES (1, 'grace@example.com');
     INSERT INTO visits SELECT n, 1, 'Main Street ' || n FROM generate_series(1, 2003) AS n`,
  );
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

async function erase(): Promise<string> {
  const { id } = await search(admin.actor, db, { table: "users", record: "1" });
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  return id;
}

test("a person with more rows than a search takes up is erased by erasing again, and not called erased before", async () => {
  const { plan } = await search(admin.actor, db, { table: "users", record: "1" });
  expect(item(plan, "path public.visits").count).toBe(2_000);
  expect(plan.notReached).toContainEqual({
    where: "public.visits by user_id",
    why: expect.stringMatching(/^More than 2000 rows; the first/),
  });

  const first = await erase();
  expect(await readErasure(admin.actor, first)).toMatchObject({ state: "incomplete", lastCheck: { clean: false } });
  expect((await listChecks(admin.actor, first))[0]?.remaining).toContainEqual({ where: "public.visits", count: 3 });

  expect(await readErasure(admin.actor, await erase())).toMatchObject({ state: "done", lastCheck: { clean: true } });
  const { rows } = await db.client.query(
    `SELECT (SELECT count(*)::int FROM visits WHERE street IS NOT NULL) AS rows,
            (SELECT count(*)::int FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%Main Street%') AS entries`,
  );
  expect(rows).toEqual([{ rows: 0, entries: 0 }]);
  const { job } = await checkErasure(admin.actor, { id: first });
  expect(await runJob(admin.actor, checkErased, job)).toMatchObject({ clean: true });
  expect(await readErasure(admin.actor, first)).toMatchObject({ state: "done" });
}, 120_000);
