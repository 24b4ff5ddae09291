import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, control, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { openCertificate } from "./certificate.ts";
import { checkErasure } from "./check.ts";
import { closeDatabase } from "./closing/close.ts";
import { openDatabase } from "./closing/open.ts";
import { dueReplays } from "./due.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { replayJob } from "./job/replay.ts";
import { readErasure } from "./list.ts";
import { replayErasures } from "./replay.ts";
import { chooseErasure } from "./start.ts";
import { agree, confirmPersonal, runJob, search } from "./testing/erasing.ts";

// Tenants moved from one database to another, with their rows.

let admin: Person;
let officer: Person;
let before: Adopted;
let now: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  before = await usersDatabase();
  now = await usersDatabase();
  await before.client.query(`INSERT INTO users VALUES (1, 'acme', 'grace@example.com'), (2, 'acme', 'alan@example.com');
    DELETE FROM users`);
  await now.client.query(`INSERT INTO users VALUES (1, 'acme', 'grace@example.com'), (2, 'acme', 'alan@example.com'),
    (3, 'zen', 'kurt@example.com'), (4, 'acme', 'late@example.com')`);
  await lived("acme", before.id, now.id);
  await lived("zen", now.id);
  await controlPool().query(
    `INSERT INTO backups (database_id, database_name, state, file, sha256, started_at)
     VALUES ($1, 'before', 'good', 'b.dump', 'x', '2026-11-01T00:00:00Z')`,
    [before.id],
  );
});

afterAll(async () => {
  await before.client.end();
  await now.client.end();
  await closeFleet();
  await closeControl();
});

async function usersDatabase(more = ""): Promise<Adopted> {
  const db = await adoptedDatabase(`CREATE TABLE users (id bigint PRIMARY KEY, tenant_id text, email text); ${more}`, {
    users: { class: "tenant", tenantColumn: "tenant_id", tenant: { kind: "column", column: "tenant_id" } },
  });
  await confirmPersonal(db.id, "public.users.email");
  return db;
}

/** A tenant with its places, the last of which is where it lives. */
async function lived(key: string, home: string, ...others: (string | [string, string])[]): Promise<void> {
  const [made] = await control()
    .insert(tenants)
    .values({ homeDatabaseId: home, key, name: key })
    .returning({ id: tenants.id });
  const places = [home, ...others].map((place, at) => {
    const [databaseId, schema] = typeof place === "string" ? [place, "public"] : place;
    const tier = schema === "public" ? ("shared" as const) : ("schema" as const);
    const state = at === others.length ? ("open" as const) : ("moved" as const);
    return { tenantId: made?.id ?? "", databaseId, schema, tier, state };
  });
  await control().insert(placements).values(places);
}

const look = (db: Adopted, record: string) => search(admin.actor, db, { table: "users", record });
const run = async (id: string) => runJob(admin.actor, eraseRows, await agree(admin, officer, id));
const check = async (id: string) => runJob(admin.actor, checkErased, (await checkErasure(admin.actor, { id })).job);
const unreached = expect.objectContaining({
  where: expect.stringMatching(/^the log of /),
  why: expect.stringMatching(/acme/),
});

test("an erasure names the backups and the log of the database that the person's tenant left, and is not clean before they are erased there", async () => {
  const { id, plan } = await look(now, "1");
  expect(plan.backups).toEqual([
    expect.objectContaining({ startedAt: "2026-11-01T00:00:00.000Z", database: expect.any(String) }),
  ]);
  expect(plan.notReached).toEqual([unreached]);
  await run(id);
  const { state, certificate } = await readErasure(admin.actor, id);
  expect(state).toBe("incomplete");
  expect(await openCertificate(certificate ?? "")).toMatchObject({
    backups: plan.backups,
    notReached: [unreached],
    check: { clean: false, remaining: [] },
  });
  // Whether a restored database holds the person is another question.
  const { job } = await replayErasures(admin.actor, { database: now.id });
  expect(await runJob(admin.actor, replayJob, job)).toMatchObject({ notClean: 0 });
  await run((await look(before, "1")).id);
  expect(await check(id)).toMatchObject({ clean: true });
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
});

test("the same holds where the person's rows are deleted", async () => {
  const { id, plan } = await look(now, "2");
  await chooseErasure(admin.actor, { id, item: plan.items[0]?.key ?? "", method: "delete", columns: [] });
  await run(id);
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "incomplete" });
});

test("a tenant that never moved has no other place, and a search that finds nothing in one is enough", async () => {
  const { id, plan } = await look(now, "3");
  expect(plan).toMatchObject({ backups: [], notReached: [] });
  await run(id);
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
  expect((await look(now, "4")).plan.notReached).toEqual([unreached]);
  expect((await look(before, "4")).plan.status).toBe("nothing");
  expect((await look(now, "4")).plan.notReached).toEqual([]);
});

test("a schema that a tenant left in the same database is searched too before an erasure is done", async () => {
  const one = await usersDatabase(
    "CREATE SCHEMA t_kay; CREATE TABLE t_kay.users (id bigint PRIMARY KEY, tenant_id text, email text)",
  );
  await confirmPersonal(one.id, "t_kay.users.email");
  await one.client.query(`INSERT INTO users VALUES (7, 'kay', 'other@example.com'); DELETE FROM users;
    INSERT INTO t_kay.users VALUES (7, 'kay', 'kay@example.com')`);
  await lived("kay", one.id, [one.id, "t_kay"]);
  const logged = async () =>
    (await one.client.query("SELECT FROM caretaker.audit_logs l WHERE l::text ~ 'other@example.com'")).rowCount;
  const { id, plan } = await search(admin.actor, one, { schema: "t_kay", table: "users", record: "7" });
  expect(plan.notReached).toEqual([
    expect.objectContaining({ where: expect.stringContaining("schema public"), why: expect.stringContaining("kay") }),
  ]);
  await run(id);
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "incomplete" });
  expect(await logged()).toBeGreaterThan(0);
  await run((await look(one, "7")).id);
  expect(await logged()).toBe(0);
  expect(await check(id)).toMatchObject({ clean: true });
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
  await one.client.end();
});

test("a database that a tenant left, put back to a time before, is not opened while somebody who was erased elsewhere is in it", async () => {
  await now.client.query("INSERT INTO users VALUES (5, 'acme', 'edsger@example.com')");
  expect((await look(before, "5")).plan.status).toBe("nothing");
  const { id } = await look(now, "5");
  await run(id);
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
  const open = () => openDatabase(admin.actor, { database: before.id });
  const replayed = async () => {
    const { job } = await replayErasures(admin.actor, { database: before.id });
    return runJob(admin.actor, replayJob, job);
  };

  await closeDatabase(admin.actor, { database: before.id, reason: "restored" });
  await before.client.query("INSERT INTO users VALUES (5, 'acme', 'edsger@example.com')");
  expect(await replayed()).toMatchObject({ notClean: 0, elsewhere: 2, opened: false, closed: true });
  await expect(open()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("public.users 5") });
  expect((await dueReplays(admin.actor)).due).toMatchObject([
    { database: before.id, elsewhere: expect.arrayContaining([{ id, subject: "public.users 5" }]) },
  ]);
  // Of the other one the log here knows what it held.
  await run((await look(before, "2")).id);
  await run((await look(before, "5")).id);
  expect((await before.client.query("SELECT FROM users WHERE email ~ 'edsger'")).rowCount).toBe(0);
  expect(await replayed()).toMatchObject({ elsewhere: 0, opened: true, closed: false });
});
