import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEntry } from "../../audit/read-entry.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase, captureTable } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { listDeleted } from "../bin/rows.ts";
import type { PlanRestore, RestorePlan } from "./contract.ts";
import { planRestore } from "./plan.ts";
import { runRestore } from "./run.ts";

const ddl = `
  CREATE TYPE mood AS ENUM ('calm', 'cross');
  CREATE DOMAIN posint AS bigint CHECK (VALUE > 0);
  CREATE TABLE "Account" ("accountId" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "eMail" text UNIQUE, secret text, "deletedAt" timestamp(3));
  CREATE UNIQUE INDEX "Account_live" ON "Account" (lower("eMail")) WHERE "deletedAt" IS NULL;
  CREATE TABLE everything (
    "left" integer, "order" text, big bigint, exact numeric, raw bytea, tags text[], grid integer[][], doc jsonb, plain json,
    at timestamptz, clock timestamp, day date, span interval, feel mood, many posint, flag boolean, ip inet, within int4range, ratio float8,
    twice bigint GENERATED ALWAYS AS (big * 2) STORED, PRIMARY KEY ("left", "order"));
  CREATE TABLE child (id integer PRIMARY KEY, "accountId" bigint REFERENCES "Account", note text NOT NULL, slug text,
    CONSTRAINT short CHECK (length(note) < 50));
  CREATE UNIQUE INDEX child_slug ON child (slug);
  CREATE TABLE flagged (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, is_deleted boolean NOT NULL DEFAULT false);`;

let db: Adopted;
let support: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  support = await person("support", "Sam");
  db = await adoptedDatabase(ddl, {
    Account: { maskedColumns: ["secret"], softDelete: { column: "deletedAt", kind: "timestamp" } },
    flagged: { softDelete: { column: "is_deleted", kind: "boolean" } },
  });
});

beforeEach(async () => {
  await db.client.query(`TRUNCATE child, "Account", everything, flagged RESTART IDENTITY CASCADE`);
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const sql = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await db.client.query<Row>(text, values)).rows;

async function deletionOf(table: string, record: string): Promise<string> {
  const rows = await sql<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs WHERE action = 'delete' AND resource_type = $1 AND resource_id = $2 ORDER BY audit_logs.id DESC LIMIT 1",
    [table, record],
  );
  return rows[0]?.id ?? "";
}

async function plan(input: Omit<PlanRestore, "database" | "choices"> & Partial<PlanRestore>): Promise<RestorePlan> {
  return planRestore(support.actor, { database: db.id, choices: {}, ...input });
}

function run(planned: RestorePlan, input: Omit<PlanRestore, "database" | "choices"> & Partial<PlanRestore>) {
  return runRestore(support.actor, {
    database: db.id,
    choices: {},
    ...input,
    planHash: planned.hash,
    reason: "Customer asked",
  });
}

describe("restoring a hard-deleted row", () => {
  test("brings back every type exactly, under a composite key, and proves it by the row's hash", async () => {
    await db.client.query(
      `INSERT INTO everything VALUES (7, 'a "b", ü', 9007199254740993, 1.10, '\\x00ff10', '{a,NULL,"c,d"}', '{{1,2},{3,4}}',
         '{"n": 12345678901234567890.10, "a": [null, true]}', '{"k": 1.50}', '2026-03-29 01:59:59.123456+02', '2026-01-02 03:04:05.000001',
         '2026-02-28', '1 mon 2 days 03:04:05.5', 'cross', 42, true, '10.0.0.0/8', '[1,5)', 'NaN')`,
    );
    const image = "SELECT e::text AS row FROM everything e";
    const [before] = await sql<{ row: string }>(image);
    await db.client.query("SET TimeZone = 'Asia/Kolkata'; DELETE FROM everything; RESET TimeZone");
    const entry = await deletionOf("everything", '["7","a \\"b\\", ü"]');
    const planned = await plan({ entry });
    expect(planned.problems).toEqual([]);
    expect(planned.status).toBe("clean");
    const result = await run(planned, { entry });
    expect(result).toMatchObject({ proven: true, differing: [] });
    expect(result.rowHash).toBe(result.plannedHash);
    expect(await sql<{ row: string }>(image)).toEqual([before]);
  });

  test("is recorded by the table's own triggers, with who and why", async () => {
    await db.client.query("INSERT INTO child VALUES (1, NULL, 'one', 's'); DELETE FROM child");
    const entry = await deletionOf("child", "1");
    const result = await run(await plan({ entry }), { entry });
    const recorded = await readEntry(support.actor, db.id, result.entry ?? "");
    expect(recorded).toMatchObject({ action: "create", table: "child", record: "1", reason: "Customer asked" });
    expect(recorded.actor).toMatchObject({ id: support.id, name: "Sam", kind: "staff" });
    expect((await listDeleted(support.actor, { database: db.id, table: "child" })).rows).toEqual([]);
  });

  test("keeps an identity column's value and does not move the sequence", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail") VALUES ('a@x'), ('b@x'); DELETE FROM "Account" WHERE "accountId" = 1`,
    );
    const entry = await deletionOf("Account", "1");
    const choices = { secret: "null" } as const;
    await run(await plan({ entry, choices }), { entry, choices });
    await db.client.query(`INSERT INTO "Account" ("eMail") VALUES ('c@x')`);
    const rows = await sql<{ id: string }>(`SELECT "accountId"::text AS id FROM "Account" ORDER BY 1`);
    expect(rows.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });

  test("cannot invent a masked value: it asks for a choice and says which fields", async () => {
    await db.client.query(`INSERT INTO "Account" ("eMail", secret) VALUES ('a@x', 'hunter2'); DELETE FROM "Account"`);
    const entry = await deletionOf("Account", "1");
    const planned = await plan({ entry });
    expect(planned.status).toBe("masked");
    expect(planned.problems).toMatchObject([
      { code: "masked", columns: ["secret"], choices: ["null"], settled: false },
    ]);
    expect(JSON.stringify(planned)).not.toContain("hunter2");
    await expect(run(planned, { entry })).rejects.toMatchObject({ code: "conflict" });
    const choices = { secret: "null" } as const;
    const chosen = await plan({ entry, choices });
    expect(chosen.status).toBe("clean");
    expect(await run(chosen, { entry, choices })).toMatchObject({ proven: true });
    expect(await sql(`SELECT "eMail", secret FROM "Account"`)).toEqual([{ eMail: "a@x", secret: null }]);
  });

  test("names the live row that holds the same unique value", async () => {
    await db.client.query(
      "INSERT INTO child VALUES (1, NULL, 'one', 'taken'); DELETE FROM child; INSERT INTO child VALUES (2, NULL, 'two', 'taken')",
    );
    const entry = await deletionOf("child", "1");
    const planned = await plan({ entry });
    expect(planned.problems).toMatchObject([
      { code: "unique_clash", columns: ["slug"], choices: ["null"], about: { table: "child", record: "2" } },
    ]);
    const choices = { slug: "null" } as const;
    await run(await plan({ entry, choices }), { entry, choices });
    expect(await sql("SELECT slug FROM child WHERE id = 1")).toEqual([{ slug: null }]);
  });

  test("finds a clash in a partial index over an expression", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail") VALUES ('A@X'); DELETE FROM "Account"; INSERT INTO "Account" ("eMail") VALUES ('a@x')`,
    );
    const planned = await plan({ entry: await deletionOf("Account", "1") });
    expect(planned.problems.find(({ code }) => code === "unique_clash")).toMatchObject({ about: { record: "2" } });
  });

  test("says when the row is live already", async () => {
    await db.client.query(
      "INSERT INTO child VALUES (1, NULL, 'one'); DELETE FROM child; INSERT INTO child VALUES (1, NULL, 'again')",
    );
    const planned = await plan({ entry: await deletionOf("child", "1") });
    expect(planned.problems).toMatchObject([{ code: "already_live", choices: [], about: { record: "1" } }]);
  });

  test("tells a parent that was deleted too, with its entry, from one that nobody knows", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail") VALUES ('p@x'); INSERT INTO child VALUES (1, 1, 'one'); DELETE FROM child; DELETE FROM "Account"`,
    );
    const entry = await deletionOf("child", "1");
    const planned = await plan({ entry });
    const parent = await deletionOf("Account", "1");
    expect(planned.problems).toMatchObject([
      { code: "parent_deleted", columns: ["accountId"], about: { table: "Account", record: "1", entry: parent } },
    ]);
    const choices = { secret: "null" } as const;
    await run(await plan({ entry: parent, choices }), { entry: parent, choices });
    const after = await plan({ entry });
    expect(after.status).toBe("clean");
    expect(await run(after, { entry })).toMatchObject({ proven: true });

    await db.client.query("DELETE FROM child");
    await db.client.query(`ALTER TABLE child DROP CONSTRAINT "child_accountId_fkey"; INSERT INTO child VALUES (3, 999, 'orphan');
      DELETE FROM child; ALTER TABLE child ADD FOREIGN KEY ("accountId") REFERENCES "Account"`);
    const orphan = await plan({ entry: await deletionOf("child", "3") });
    expect(orphan.problems).toMatchObject([
      { code: "parent_missing", choices: ["null"], about: { record: "999", entry: null } },
    ]);
  });

  test("says which columns are gone, changed their type or became required, and which rule would break", async () => {
    await db.client.query(`CREATE TABLE moving (id integer PRIMARY KEY, old text, size numeric(10,4), kind text)`);
    await captureTable(db.client, "moving");
    await db.client.query(`INSERT INTO moving VALUES (1, 'x', 1.2345, 'word'); DELETE FROM moving;
      ALTER TABLE moving DROP COLUMN old, ALTER COLUMN size TYPE numeric(10,2), ALTER COLUMN kind TYPE integer USING 0,
        ADD COLUMN needed text NOT NULL, ADD CONSTRAINT big CHECK (id > 5)`);
    const entry = await deletionOf("moving", "1");
    const planned = await plan({ entry });
    expect(planned.problems.map(({ code, columns }) => `${code} ${columns.join()}`.trim()).toSorted()).toEqual([
      "check_failed",
      "column_gone old",
      "required needed",
      "type_changed kind",
      "type_changed size",
    ]);
    await db.client.query("DROP TABLE moving");
    expect((await plan({ entry })).status).toBe("table_gone");
  });

  test("refuses a stale plan: the row came back, its table changed, or the choices differ", async () => {
    await db.client.query("INSERT INTO child VALUES (1, NULL, 'one', 'x'), (2, NULL, 'two', 'y'); DELETE FROM child");
    const entry = await deletionOf("child", "1");
    const planned = await plan({ entry });
    await expect(run(planned, { entry, choices: { slug: "null" } })).rejects.toMatchObject({ code: "stale_plan" });
    await db.client.query("INSERT INTO child VALUES (9, NULL, 'nine', 'x')");
    await expect(run(planned, { entry })).rejects.toMatchObject({ code: "stale_plan" });
    const other = await deletionOf("child", "2");
    const second = await plan({ entry: other });
    await db.client.query("ALTER TABLE child ADD COLUMN extra text");
    await expect(run(second, { entry: other })).rejects.toMatchObject({ code: "stale_plan" });
    await db.client.query("ALTER TABLE child DROP COLUMN extra");
    expect(await sql("SELECT id FROM child")).toEqual([{ id: 9 }]);
  });

  test("two people who restore the same row at once restore it once", async () => {
    await db.client.query("INSERT INTO child VALUES (1, NULL, 'one'); DELETE FROM child");
    const entry = await deletionOf("child", "1");
    const planned = await plan({ entry });
    const results = await Promise.allSettled([run(planned, { entry }), run(planned, { entry })]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await sql("SELECT count(*)::int AS rows FROM child")).toEqual([{ rows: 1 }]);
  });
});

describe("restoring a soft-deleted row", () => {
  test("takes off the mark, and nothing else changes", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail", secret) VALUES ('a@x', 'hunter2'); UPDATE "Account" SET "deletedAt" = '2026-01-02 03:04:05.678'`,
    );
    const input = { schema: "public", table: "Account", record: "1" };
    const planned = await plan(input);
    expect(planned).toMatchObject({ kind: "soft", status: "clean", fields: [{ name: "deletedAt", will: "null" }] });
    expect(JSON.stringify(planned)).not.toContain("hunter2");
    expect(await run(planned, input)).toMatchObject({ proven: true, differing: [] });
    expect(await sql(`SELECT "eMail", secret, "deletedAt" FROM "Account"`)).toEqual([
      { eMail: "a@x", secret: "hunter2", deletedAt: null },
    ]);
    await expect(plan(input)).rejects.toMatchObject({ code: "conflict" });
  });

  test("clears a flag too, and finds the live row that took the unique value meanwhile", async () => {
    const [row] = await sql<{ id: string }>(
      "INSERT INTO flagged (name, is_deleted) VALUES ('f', true) RETURNING id::text",
    );
    const input = { schema: "public", table: "flagged", record: row?.id ?? "" };
    expect(await run(await plan(input), input)).toMatchObject({ proven: true });
    expect(await sql("SELECT is_deleted FROM flagged")).toEqual([{ is_deleted: false }]);

    await db.client.query(`ALTER TABLE "Account" DROP CONSTRAINT "Account_eMail_key"`);
    await db.client.query(
      `INSERT INTO "Account" ("eMail", "deletedAt") VALUES ('a@x', now()); INSERT INTO "Account" ("eMail") VALUES ('A@x')`,
    );
    const clash = await plan({ schema: "public", table: "Account", record: "1" });
    expect(clash.problems).toMatchObject([{ code: "unique_clash", choices: [], about: { record: "2" } }]);
    await db.client.query(`TRUNCATE "Account" CASCADE; ALTER TABLE "Account" ADD UNIQUE ("eMail")`);
  });

  test("warns that a parent is marked as deleted, and still restores", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail", "deletedAt") VALUES ('a@x', now()); INSERT INTO child VALUES (1, 1, 'one'); DELETE FROM child`,
    );
    const planned = await plan({ entry: await deletionOf("child", "1") });
    expect(planned.status).toBe("clean");
    expect(planned.problems).toMatchObject([
      { code: "parent_deleted", settled: true, about: { table: "Account", record: "1" } },
    ]);
  });
});
