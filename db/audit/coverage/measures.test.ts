import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { staffActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { readStrayEntries } from "./stray.ts";
import { readUnknownActors } from "./unknown-actors.ts";
import { readVolume } from "./volume.ts";
import { readWriteCosts } from "./write-costs.ts";

let sam: Person;
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  sam = await person("support", "Sam");
  db = await adoptedDatabase(
    "CREATE TABLE notes (id bigint PRIMARY KEY, body text); CREATE TABLE small (id bigint PRIMARY KEY)",
  );
  // Whatever the test server counts, this database begins as PostgreSQL comes: counting nothing.
  const { pathname } = new URL(db.url);
  await db.client.query(`ALTER DATABASE ${pg.escapeIdentifier(pathname.slice(1))} SET track_functions = 'none'`);
  await db.client.query("SET track_functions = 'none'");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

describe("what the log costs", () => {
  test("is counted by table, exactly while the log is small, with events apart", async () => {
    await db.client.query("INSERT INTO notes SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 300) AS i");
    await db.client.query("INSERT INTO small SELECT generate_series(1, 30)");
    await db.client.query("SELECT caretaker.log_event('login')");
    const volume = await readVolume(sam.actor, db.id);
    expect(volume).toMatchObject({ exact: true, entries: 331, days: 1 / 24 });
    expect(volume.tables.map(({ table, entriesPerDay }) => [table, Math.round(entriesPerDay)])).toEqual([
      ["notes", 7_200],
      ["small", 720],
      [null, 24],
    ]);
    expect(volume.tables[0]?.bytesPerDay).toBeGreaterThan(300 * 24 * 400);
    expect(Number(volume.bytesTotal)).toBeGreaterThan(0);
  });

  test("is measured by PostgreSQL where it counts functions, and said how to switch on where it does not", async () => {
    expect(await readWriteCosts(sam.actor, db.id)).toMatchObject({
      tracking: "none",
      statement: expect.stringMatching(/^ALTER DATABASE "test_\w+" SET track_functions = 'pl'$/),
      tables: [],
    });
    const counted = new pg.Client(db.url);
    await counted.connect();
    await counted.query("SET track_functions = 'pl'");
    await counted.query("UPDATE notes SET body = 'x' WHERE id <= 5");
    await counted.query("INSERT INTO notes VALUES (1000, 'y')");
    await counted.end();
    await expect
      .poll(async () => (await readWriteCosts(sam.actor, db.id)).tables)
      .toMatchObject([{ schema: "public", table: "notes", statements: 2 }]);
    const [cost] = (await readWriteCosts(sam.actor, db.id)).tables;
    expect(cost?.microsecondsPerStatement).toBeGreaterThan(0);
  });
});

describe("entries of whom nobody knows who made them", () => {
  test("are told by role and program, most first", async () => {
    const script = new pg.Client({ connectionString: db.url, application_name: "nightly import" });
    await script.connect();
    await script.query("DELETE FROM notes WHERE id <= 100");
    await script.query("BEGIN; SELECT caretaker.set_context('u-1'); DELETE FROM notes WHERE id <= 110; COMMIT");
    await script.end();
    const { groups, entries, exact } = await readUnknownActors(sam.actor, db.id);
    expect(exact).toBe(true);
    expect(entries).toBe(groups.reduce((sum, one) => sum + one.entries, 0));
    expect(groups.find(({ application }) => application === "nightly import")).toMatchObject({ entries: 100 });
  });
});

describe("the DEFAULT partition", () => {
  test("is empty until a month has no partition of its own, and then says which", async () => {
    expect(await readStrayEntries(sam.actor, db.id)).toEqual({ entries: 0, capped: false, oldest: null, newest: null });
    await db.client.query(
      `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action) VALUES ('2031-02-03T00:00:00Z', 1, '1', 'login')`,
    );
    expect(await readStrayEntries(sam.actor, db.id)).toMatchObject({
      entries: 1,
      oldest: "2031-02-03T00:00:00.000000Z",
    });
  });
});

test("nobody without the capability is told any of it", async () => {
  const powerless = staffActor({ staffId: sam.id, name: "Sam", role: "support", only: ["jobs.read"] });
  for (const read of [readVolume, readUnknownActors, readStrayEntries, readWriteCosts]) {
    await expect(read(powerless, db.id)).rejects.toMatchObject({ code: "forbidden" });
  }
});
