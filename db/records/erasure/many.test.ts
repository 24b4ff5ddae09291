import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { openCertificate } from "./certificate.ts";
import { checkErasure } from "./check.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { replayJob } from "./job/replay.ts";
import { listChecks, listErasures, readErasure } from "./list.ts";
import { replayErasures } from "./replay.ts";
import { chooseErasure } from "./start.ts";
import { agree, confirmPersonal, item, planOf, runJob, search } from "./testing/erasing.ts";

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

async function erase(chosen?: string): Promise<string> {
  const id = chosen ?? (await search(admin.actor, db, { table: "users", record: "1" })).id;
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  return id;
}

/** Rows of one more person, who is given by number. */
async function visitsOf(user: number, rows: number): Promise<void> {
  await db.client.query(
    `INSERT INTO users VALUES (${user}, 'person${user}@example.com');
     INSERT INTO visits SELECT ${user} * 100000 + n, ${user}, 'Side Street ' || n FROM generate_series(1, ${rows}) AS n`,
  );
}

const streetsOf = async (user: number) =>
  (await db.client.query("SELECT count(street)::int AS rows FROM visits WHERE user_id = $1", [user])).rows[0].rows;

/** The same job, with something after each of its steps. */
function wrapped(kind: JobKind, after: <T>(name: string, done: T) => Promise<T>): JobKind {
  return {
    ...kind,
    run: (running) => kind.run({ ...running, step: async (name, work) => after(name, await running.step(name, work)) }),
  };
}

function cutAt(kind: JobKind, step: string): JobKind {
  return wrapped(kind, async (name, done) => {
    if (name === step) throw new Error("killed");
    return done;
  });
}

test("a person with more rows than a search takes up is erased in batches by one erasure, whose plan says how many", async () => {
  await visitsOf(2, 4_005);
  const { id, plan } = await search(admin.actor, db, { table: "users", record: "2" });
  expect(item(plan, "path public.visits")).toMatchObject({ count: 2_000, beyond: 2_005 });
  expect(plan).toMatchObject({ redacted: 2_001, beyond: 2_005 });
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  const { state, certificate } = await readErasure(admin.actor, id);
  expect(state).toBe("done");
  expect(await openCertificate(certificate ?? "")).toMatchObject({
    rows: { redacted: 4_006, deleted: 0 },
    items: expect.arrayContaining([
      expect.objectContaining({ where: "public.visits", count: 2_000, beyond: 2_005, beyondDone: 2_005 }),
    ]),
    check: { clean: true },
  });
  expect(await streetsOf(2)).toBe(0);
  const { rows } = await db.client.query(
    `SELECT count(*)::int AS entries FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%Side Street%'`,
  );
  expect(rows).toEqual([{ entries: 0 }]);
}, 120_000);

test("a replay goes through all of them as well, and through the log and the search after it once", async () => {
  const [{ id: erasure } = { id: "" }] = (await listErasures(admin.actor, { database: db.id })).rows;
  await db.client.query("UPDATE visits SET street = 'Side Street ' || id WHERE user_id = 2");
  const { job } = await replayErasures(admin.actor, { database: db.id });
  const steps: string[] = [];
  const told = wrapped(replayJob, async (name, done) => {
    steps.push(name);
    return done;
  });
  expect(await runJob(admin.actor, told, job)).toMatchObject({ rows: 4_005, notClean: 0 });
  expect(await streetsOf(2)).toBe(0);
  expect(steps).toContain("erasure 1 of 1, part 3");
  // 4,005 records of visits, 500 at once, and one of users.
  expect(steps.filter((name) => name.endsWith(": plan"))).toHaveLength(10);
  const replays = (await listChecks(admin.actor, erasure)).filter(({ what }) => what === "replay");
  expect(replays).toEqual([expect.objectContaining({ clean: true, applied: 4_005 })]);
  const { rows } = await db.client.query(
    `SELECT count(*)::int AS entries FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%Side Street%'`,
  );
  expect(rows).toEqual([{ entries: 0 }]);
}, 120_000);

test("a replay that was cut off between two parts is no ended one, and another one erases the log of both", async () => {
  await db.client.query("UPDATE visits SET street = 'Side Street ' || id WHERE user_id = 2");
  const { job } = await replayErasures(admin.actor, { database: db.id });
  await expect(runJob(admin.actor, cutAt(replayJob, "erasure 1 of 1"), job)).rejects.toThrow("killed");
  await controlPool().query("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1", [job]);
  const [{ id: erasure } = { id: "" }] = (await listErasures(admin.actor, { database: db.id })).rows;
  const replays = async () => (await listChecks(admin.actor, erasure)).filter(({ what }) => what === "replay").length;
  expect(await replays()).toBe(1);
  const { job: next } = await replayErasures(admin.actor, { database: db.id });
  expect(await runJob(admin.actor, replayJob, next)).toMatchObject({ rows: 2_005, notClean: 0 });
  expect(await replays()).toBe(2);
  const { rows } = await db.client.query(
    `SELECT count(*)::int AS entries FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%Side Street%'`,
  );
  expect(rows).toEqual([{ entries: 0 }]);
}, 120_000);

test("a batch that was cut off is ended by the next worker, and no row goes that nobody agreed to", async () => {
  await visitsOf(3, 4_005);
  const { id } = await search(admin.actor, db, { table: "users", record: "3" });
  const job = await agree(admin, officer, id);
  // In the middle of the second batch: its rows have gone, and its part of the log has not.
  await expect(runJob(admin.actor, cutAt(eraseRows, "batch 2 log 1 of 4: plan"), job)).rejects.toThrow("killed");
  expect(await streetsOf(3)).toBe(5);
  await db.client.query("INSERT INTO visits SELECT 900000 + n, 3, 'New Street ' || n FROM generate_series(1, 7) AS n");
  await runJob(admin.actor, eraseRows, job);
  expect(await streetsOf(3)).toBe(7);
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "incomplete", lastCheck: { clean: false } });
  const { rows } = await db.client.query(
    `SELECT count(*)::int AS entries FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%Side Street%'`,
  );
  expect(rows).toEqual([{ entries: 0 }]);
}, 120_000);

test("rows that get a hash each are erased by erasing again, and nobody is called erased before", async () => {
  const hashed = ["street=hash"];
  const { id: chosen } = await search(admin.actor, db, { table: "users", record: "1" });
  await chooseErasure(admin.actor, {
    id: chosen,
    item: "path public.visits user_id public.users",
    method: "redact",
    columns: hashed,
  });
  const plan = await planOf(admin.actor, chosen);
  expect(item(plan, "path public.visits")).toMatchObject({ count: 2_000, beyond: 0 });
  expect(plan.notReached).toContainEqual({
    where: "public.visits by user_id",
    why: expect.stringMatching(/^More than 2000 rows; the first/),
  });

  const first = await erase(chosen);
  expect(await readErasure(admin.actor, first)).toMatchObject({ state: "incomplete", lastCheck: { clean: false } });
  expect((await listChecks(admin.actor, first))[0]?.remaining).toContainEqual({ where: "public.visits", count: 3 });

  expect(await readErasure(admin.actor, await erase())).toMatchObject({ state: "done", lastCheck: { clean: true } });
  const { rows } = await db.client.query(
    `SELECT (SELECT count(*)::int FROM visits WHERE user_id = 1 AND street LIKE 'Main%') AS rows,
            (SELECT count(*)::int FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%Main Street%') AS entries`,
  );
  expect(rows).toEqual([{ rows: 0, entries: 0 }]);
  const { job } = await checkErasure(admin.actor, { id: first });
  expect(await runJob(admin.actor, checkErased, job)).toMatchObject({ clean: true });
  expect(await readErasure(admin.actor, first)).toMatchObject({ state: "done" });
}, 120_000);
