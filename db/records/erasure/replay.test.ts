import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, control, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { columnClasses, databases } from "../../schema/fleet.ts";
import { auditArchives } from "../../schema/retention.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl, testServer } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { registerDatabase } from "../../testing/register.ts";
import { checkErasure } from "./check.ts";
import { dueReplays } from "./due.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { replayJob } from "./job/replay.ts";
import { readErasure } from "./list.ts";
import { replayErasures } from "./replay.ts";
import { agree, confirmPersonal, runJob, search } from "./testing/erasing.ts";

let admin: Person;
let officer: Person;
let db: Adopted;
let erasure: string;

const ddl = `
  CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text);
  CREATE TABLE addresses (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, street text);
  CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL);`;

const nameOf = (url: string) => new URL(url).pathname.slice(1);

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client(testServer().href);
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function said(url: string = db.url): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ said: string }>(
    `SELECT concat_ws(' ', (SELECT string_agg(t::text, ' ') FROM users t), (SELECT string_agg(t::text, ' ') FROM addresses t),
                      (SELECT string_agg(t::text, ' ') FROM notes t), (SELECT string_agg(t::text, ' ') FROM caretaker.audit_logs t)) AS said`,
  );
  await client.end();
  return rows[0]?.said ?? "";
}

/** A whole copy of the database as it is now: what a restore would bring back. */
async function backup(name: string): Promise<string> {
  await db.client.end();
  await closeFleet();
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${nameOf(db.url)}`);
  await reconnect();
  return name;
}

/** Puts the database back to that copy, under its own name. */
async function restore(copy: string): Promise<void> {
  await db.client.end();
  await closeFleet();
  await onServer(`DROP DATABASE ${nameOf(db.url)} WITH (FORCE)`);
  await onServer(`ALTER DATABASE ${copy} RENAME TO ${nameOf(db.url)}`);
  await reconnect();
}

async function reconnect(): Promise<void> {
  db.client = new pg.Client(db.url);
  await db.client.connect();
}

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(ddl);
  await confirmPersonal(db.id, "public.users.email", "public.users.name", "public.addresses.street");
  await db.client.query(`
    INSERT INTO users VALUES (1, 'grace@example.com', 'Grace Hopper'), (2, 'alan@example.com', 'Alan');
    INSERT INTO addresses VALUES (1, 1, 'Main Street 1'), (2, 1, 'Second Street 2');
    INSERT INTO notes VALUES (1, 'grace@example.com called'), (2, 'nothing');
    UPDATE users SET name = 'Grace B. Hopper' WHERE id = 1`);
  await backup("replay_before");
  await db.client.query("DELETE FROM addresses WHERE id = 2");
  const { id } = await search(admin.actor, db, { table: "users", record: "1", search: ["public.notes.body"] });
  await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
  erasure = id;
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const personal = /grace|hopper|main street|second street/i;

async function check(): Promise<Record<string, unknown>> {
  return runJob(admin.actor, checkErased, (await checkErasure(admin.actor, { id: erasure })).job);
}

/** As a month is registered that is in a file alone. */
async function archived(month: string): Promise<void> {
  await control().insert(auditArchives).values({
    databaseId: db.id,
    databaseName: "replay",
    month,
    state: "cold",
    place: "here",
    key: "k",
    manifestKey: "m",
    manifest: {},
    rows: 1n,
    bytes: 1n,
    sha256: "0",
    contentSha256: "0",
  });
}

describe("after a restore from a backup", () => {
  test("a check that found nothing finds the person again, and the database is named as due", async () => {
    expect(await said()).not.toMatch(personal);
    expect(await check()).toMatchObject({ clean: true, remaining: [] });
    expect(await dueReplays(admin.actor)).toEqual({ due: [], silent: [] });
    await restore("replay_before");
    expect(await said()).toMatch(personal);
    expect((await dueReplays(admin.actor)).due).toEqual([expect.objectContaining({ database: db.id, erasures: 1 })]);
    // Its month was archived meanwhile, and the backup has it still.
    const month = new Date().toISOString().slice(0, 7);
    await archived(month);
    expect((await dueReplays(admin.actor)).due).toEqual([expect.objectContaining({ database: db.id, erasures: 1 })]);
    await control().delete(auditArchives);
    const found = await check();
    expect(found).toMatchObject({ clean: false });
    expect(found.remaining).toEqual(
      expect.arrayContaining([
        { where: "public.users", count: 1 },
        { where: "public.notes", count: 1 },
      ]),
    );
    expect(await readErasure(admin.actor, erasure)).toMatchObject({ lastCheck: { clean: false, what: "check" } });
  });

  test("a replay erases it all again, rows and log, those of the backup alone included", async () => {
    const { job } = await replayErasures(admin.actor, { database: db.id });
    expect(await runJob(admin.actor, replayJob, job)).toMatchObject({ erasures: 1, notClean: 0 });
    expect(await said()).not.toMatch(personal);
    expect(await said()).toContain("alan@example.com");
    expect(await check()).toMatchObject({ clean: true });
    expect((await dueReplays(admin.actor)).due).toEqual([]);
    expect(await readErasure(admin.actor, erasure)).toMatchObject({ state: "done" });
  });

  test("a second replay changes nothing", async () => {
    const count = async () =>
      (await db.client.query("SELECT count(*)::int AS n FROM caretaker.audit_logs WHERE action <> 'erase'")).rows[0].n;
    const before = [await count(), (await db.client.query("SELECT * FROM users ORDER BY id")).rows];
    const { job } = await replayErasures(admin.actor, { database: db.id });
    expect(await runJob(admin.actor, replayJob, job)).toMatchObject({ rows: 0, notClean: 0 });
    expect([await count(), (await db.client.query("SELECT * FROM users ORDER BY id")).rows]).toEqual(before);
  });

  test("a copy beside the database gets the erasures of the one that it was made of", async () => {
    await db.client.query("INSERT INTO addresses VALUES (5, 1, 'Main Street 9')");
    const url = new URL(db.url);
    url.pathname = `/${await backup("replay_copy")}`;
    const [known] = await control().select().from(databases);
    const copy = await registerDatabase(url.href, { adoptedAt: new Date().toISOString(), adoptedBy: "test" });
    expect(known).toBeDefined();
    await expect(replayErasures(admin.actor, { database: copy })).rejects.toMatchObject({ code: "not_found" });
    const { job } = await replayErasures(admin.actor, { database: copy, from: db.id });
    expect(await runJob(admin.actor, replayJob, job)).toMatchObject({ rows: 1, notClean: 0 });
    expect(await said(url.href)).not.toMatch(personal);
    expect(await said()).toMatch(/Main Street 9/);
    expect(await control().$count(columnClasses)).toBe(3);
  });

  test("is for those who may erase, and keeps nothing of the person in the clear", async () => {
    const support = await person("support");
    await expect(replayErasures(support.actor, { database: db.id })).rejects.toMatchObject({ code: "forbidden" });
    await expect(checkErasure(support.actor, { id: erasure })).rejects.toMatchObject({ code: "forbidden" });
    const { rows } = await controlPool().query<{ said: string }>(
      `SELECT concat((SELECT string_agg(t::text, '') FROM erasures t), (SELECT string_agg(t::text, '') FROM erasure_checks t),
                     (SELECT string_agg(t::text, '') FROM jobs t), (SELECT string_agg(t::text, '') FROM approvals t)) AS said`,
    );
    expect(/grace@|Hopper|Main Street/i.test(rows[0]?.said ?? "")).toBe(false);
  });
});
