import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { adopt, foreignDatabase, query } from "../../databases/testing/fleet.ts";
import { closeFleet } from "../../fleet.ts";
import { sampleDatabase } from "../../health/sample.ts";
import { staffActor, systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import type { UnrecordedDeletion } from "./contract.ts";
import { listUnrecorded, recentlyUnrecorded } from "./unrecorded.ts";

const worker = systemActor("test worker");
let sam: Person;
let url: string;
let databaseId: string;

beforeAll(async () => {
  await freshControl();
  sam = await person("support", "Sam");
  ({ url, databaseId } = await foreignDatabase(`
    CREATE TABLE tenants (id integer PRIMARY KEY, name text NOT NULL);
    CREATE TABLE orders (id integer PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants);
    CREATE TABLE scratch (id integer PRIMARY KEY);
    CREATE TABLE parted (id integer PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (50);
    CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (50) TO (1000);
    INSERT INTO tenants VALUES (1, 'acme');
    INSERT INTO orders SELECT n, 1 FROM generate_series(1, 100) AS n;
    INSERT INTO scratch SELECT generate_series(1, 100);
    INSERT INTO parted SELECT generate_series(1, 99)`));
  await remove("DELETE FROM orders WHERE id <= 7");
  await adopt((await person("administrator", "Ada")).actor, databaseId, (model) => ({
    ...model,
    tables: model.tables.map((table) => ({ ...table, audited: table.name === "orders" || table.name === "tenants" })),
  }));
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

/** Removes, and makes PostgreSQL report it at once. */
async function remove(sql: string): Promise<void> {
  await query(url, `${sql}; SELECT pg_stat_force_next_flush()`);
}

async function told(filter: { table?: string } = {}): Promise<Pick<UnrecordedDeletion, "table" | "rows">[]> {
  const { rows } = await listUnrecorded(sam.actor, filter);
  return rows.map(({ table, rows }) => ({ table, rows })).sort((a, b) => a.table.localeCompare(b.table));
}

async function backup(startedAt: string, state = "good"): Promise<string> {
  const { rows } = await controlPool().query<{ id: string }>(
    `INSERT INTO backups (database_id, database_name, state, file, sha256, started_at)
     VALUES ($1, 'app', $2, '', '', ${startedAt}) RETURNING id`,
    [databaseId, state],
  );
  return rows[0]?.id ?? "";
}

test("what went before adoption is known as far as PostgreSQL counted it", async () => {
  const { rows } = await listUnrecorded(sam.actor, {});
  expect(rows).toMatchObject([{ table: "orders", rows: "7", since: null, beganAnew: false, backup: null }]);
});

test("what goes from a table that is not recorded is counted by table and day, and what the log has is not", async () => {
  await remove("DELETE FROM scratch WHERE id <= 10");
  await remove("DELETE FROM orders WHERE id <= 20");
  await remove("DELETE FROM parted WHERE id BETWEEN 45 AND 54");
  await sampleDatabase(worker, databaseId);
  await sampleDatabase(worker, databaseId);
  await remove("DELETE FROM scratch WHERE id <= 15");
  await sampleDatabase(worker, databaseId);
  expect(await told()).toEqual([
    { table: "orders", rows: "7" },
    { table: "parted", rows: "10" },
    { table: "scratch", rows: "15" },
  ]);
  expect(await recentlyUnrecorded(sam.actor, {})).toEqual({ days: 30, tables: 3, rows: "32" });
});

test("what goes while a trigger is switched off is counted", async () => {
  await query(url, "ALTER TABLE orders DISABLE TRIGGER caretaker_delete");
  await remove("DELETE FROM orders WHERE id <= 25");
  await sampleDatabase(worker, databaseId);
  await query(url, "ALTER TABLE orders ENABLE ALWAYS TRIGGER caretaker_delete");
  await sampleDatabase(worker, databaseId);
  await remove("DELETE FROM orders WHERE id <= 40");
  await sampleDatabase(worker, databaseId);
  const { rows } = await listUnrecorded(sam.actor, { table: "orders" });
  expect(rows.map(({ rows }) => rows)).toEqual(["5", "7"]);
});

test("counts that began anew are said to be at least so many", async () => {
  await query(url, "SELECT pg_stat_reset()");
  await remove("DELETE FROM scratch WHERE id <= 18");
  await sampleDatabase(worker, databaseId);
  const { rows } = await listUnrecorded(sam.actor, { table: "scratch" });
  expect(rows).toMatchObject([{ rows: "18", beganAnew: true }]);
});

test("the backup that holds them is the newest one from before; else one from in between", async () => {
  const scratch = async () => (await listUnrecorded(sam.actor, { table: "scratch" })).rows[0];
  await controlPool().query("UPDATE unrecorded_deletions SET since = now() - interval '1 hour'");
  await backup("now() - interval '2 hours'", "damaged");
  await backup("now() + interval '1 hour'");
  expect((await scratch())?.backup).toBeNull();
  const between = await backup("now() - interval '30 minutes'");
  await backup("now() - interval '20 minutes'");
  expect((await scratch())?.backup).toMatchObject({ id: between, older: false });
  await backup("now() - interval '3 days'");
  const newest = await backup("now() - interval '2 hours'");
  expect((await scratch())?.backup).toMatchObject({ id: newest, older: true });
});

test("pages go on where the last one ended, and what is older than 400 days is forgotten", async () => {
  const all = (await listUnrecorded(sam.actor, {})).rows.map(({ id }) => id);
  const read: string[] = [];
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page = await listUnrecorded(sam.actor, {}, cursor, 1);
    read.push(...page.rows.map(({ id }) => id));
    cursor = page.next;
  }
  expect(read).toEqual(all);
  await controlPool().query(
    "UPDATE unrecorded_deletions SET until = now() - interval '401 days' WHERE table_name = 'parted'",
  );
  await sampleDatabase(worker, databaseId);
  expect((await told()).map(({ table }) => table)).not.toContain("parted");
});

test("nobody without the capability is told of it", async () => {
  const powerless = staffActor({ staffId: sam.id, name: "Sam", role: "support", only: ["jobs.read"] });
  await expect(listUnrecorded(powerless, {})).rejects.toMatchObject({ code: "forbidden" });
  await expect(recentlyUnrecorded(powerless, {})).rejects.toMatchObject({ code: "forbidden" });
});
