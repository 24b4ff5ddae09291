import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { moveMonth } from "../../audit/archive/testing/move.ts";
import { moveToPast } from "../../audit/archive/testing/past.ts";
import { sealLog } from "../../audit/proof/seal.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { eraseRows } from "./job/erase.ts";
import { readErasure } from "./list.ts";
import { agree, confirmPersonal, item, runJob, search } from "./testing/erasing.ts";

// Thousands of rows that pointed at a person are gone; files are written.

const most = 5_000;
const month = "2026-02";
let admin: Person;
let officer: Person;
let db: Adopted;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-erasure-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(`CREATE TABLE users (id bigint PRIMARY KEY, email text);
    CREATE TABLE addresses (id bigint PRIMARY KEY, person bigint REFERENCES users, street text)`);
  await confirmPersonal(db.id, "public.users.email", "public.addresses.street");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

async function leave(user: number, addresses: number): Promise<void> {
  await db.client.query("INSERT INTO users VALUES ($1, NULL)", [user]);
  await db.client.query(
    "INSERT INTO addresses SELECT $1 * 100000 + n, $1, 'Gone Street ' || n FROM generate_series(1, $2::int) AS n",
    [user, addresses],
  );
  await db.client.query("DELETE FROM addresses WHERE person = $1", [user]);
}

const look = (user: number) => search(admin.actor, db, { table: "users", record: String(user) });
const tooMany = (where: string) => ({ where, why: expect.stringMatching(/More than 5000 records/) });

test("records beyond the limit are said not to be reached, and are reached once the first are erased", async () => {
  await leave(1, most + 3);
  const first = await look(1);
  expect(item(first.plan, "log public.addresses street").count).toBe(most);
  expect(first.plan.notReached).toEqual([tooMany("entries of public.addresses in PostgreSQL")]);
  await runJob(admin.actor, eraseRows, await agree(admin, officer, first.id));
  expect(await readErasure(admin.actor, first.id)).toMatchObject({ state: "incomplete" });
  const second = await look(1);
  expect(item(second.plan, "log public.addresses street").count).toBe(3);
  expect(second.plan.notReached).toEqual([]);
  await runJob(admin.actor, eraseRows, await agree(admin, officer, second.id));
  expect(await readErasure(admin.actor, second.id)).toMatchObject({ state: "done" });
  expect((await look(1)).plan).toMatchObject({ status: "nothing", entries: 0 });
});

test("the same is said of an archived month", async () => {
  await leave(2, most + 1);
  await moveToPast(db.client, month);
  await sealLog(admin.actor, db.id, { seconds: 0 });
  expect(await moveMonth(admin.actor, "audit.archive", db.id, month)).toMatchObject({ state: "done" });
  const { plan } = await look(2);
  expect(item(plan, "log public.addresses street").count).toBe(most);
  expect(plan.notReached).toEqual([tooMany(`entries of public.addresses in the archived month ${month}`)]);
});
