import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEntry } from "../../audit/read-entry.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase, captureTable } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { codes, restoring } from "./testing/restoring.ts";

const ddl = `
  CREATE TYPE mood AS ENUM ('calm', 'cross');
  CREATE DOMAIN posint AS bigint CHECK (VALUE > 0);
  CREATE TABLE "Account" ("accountId" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "eMail" text UNIQUE, secret text, "deletedAt" timestamp(3));
  CREATE UNIQUE INDEX "Account_live" ON "Account" (lower("eMail")) WHERE "deletedAt" IS NULL;
  CREATE TABLE everything (
    "left" integer, "order" text, big bigint, exact numeric, raw bytea, tags text[], grid integer[][], doc jsonb, plain json, plains json[],
    at timestamptz, clock timestamp, day date, span interval, feel mood, many posint, flag boolean, ip inet, within int4range, ratio float8,
    during tstzrange, times timestamptz[], twice bigint GENERATED ALWAYS AS (big * 2) STORED, PRIMARY KEY ("left", "order"));
  CREATE TABLE child (id integer PRIMARY KEY, "accountId" bigint REFERENCES "Account", note text NOT NULL, slug text,
    CONSTRAINT short CHECK (length(note) < 50));
  CREATE UNIQUE INDEX child_slug ON child (slug);
  CREATE TABLE flagged (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, is_deleted boolean NOT NULL DEFAULT false);
  CREATE TABLE keyless (what text, at timestamptz);`;

let db: Adopted;
let ada: Person;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(ddl, {
    Account: { maskedColumns: ["secret"], softDelete: { column: "deletedAt", kind: "timestamp" } },
    flagged: { softDelete: { column: "is_deleted", kind: "boolean" } },
  });
});

beforeEach(async () => {
  await db.client.query(`TRUNCATE child, "Account", everything, flagged, keyless RESTART IDENTITY CASCADE`);
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { sql, plan, run, restore, deletionOf, receipts } = restoring(
  () => db,
  () => ada.actor,
);

describe("a hard-deleted row", () => {
  test("comes back with every type exactly, under a composite key, and its hash proves it", async () => {
    await db.client.query(
      `INSERT INTO everything VALUES (7, 'a "b", ü', 9007199254740993, 1.10, '\\x00ff10', '{a,NULL,"c,d"}', '{{1,2},{3,4}}',
         '{"n": 12345678901234567890.10, "a": [null, true]}', '{"k": 1.50}', ARRAY['{"k": 1}'::json], '2026-03-29 01:59:59.123456+02',
         '2026-01-02 03:04:05.000001', '2026-02-28', '1 mon 2 days 03:04:05.5', 'cross', 42, true, '10.0.0.0/8', '[1,5)', 'NaN',
         '[2026-01-01 00:00+00,2026-02-01 00:00+00)', '{2026-01-01 00:00+00}')`,
    );
    const image = "SELECT e::text AS row FROM everything e";
    const [before] = await sql<{ row: string }>(image);
    await db.client.query("SET TimeZone = 'Asia/Kolkata'; DELETE FROM everything; RESET TimeZone");
    const planned = await plan({ entry: await deletionOf("everything", '["7","a \\"b\\", ü"]') });
    expect(planned).toMatchObject({ problems: [], status: "clean", writes: 1 });
    const [receipt] = await receipts((await run(planned)).restore);
    expect(receipt).toMatchObject({ changed: [], differing: [], act: "insert" });
    expect(receipt?.row_hash).toEqual(receipt?.before_hash);
    expect(await sql<{ row: string }>(image)).toEqual([before]);
  });

  test("is recorded by the table's own triggers, with who and why", async () => {
    await db.client.query("INSERT INTO child VALUES (1, NULL, 'one', 's'); DELETE FROM child");
    await restore({ entry: await deletionOf("child", "1") });
    const [made] = await sql<{ id: string }>(
      "SELECT id::text FROM caretaker.audit_logs WHERE action = 'create' AND resource_type = 'child' ORDER BY audit_logs.id DESC LIMIT 1",
    );
    const recorded = await readEntry(ada.actor, db.id, made?.id ?? "");
    expect(recorded).toMatchObject({ action: "create", table: "child", record: "1", reason: "Customer asked" });
    expect(recorded.actor).toMatchObject({ id: ada.id, name: "Ada", kind: "staff" });
  });

  test("keeps an identity column's value and does not move the sequence", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail") VALUES ('a@x'), ('b@x'); DELETE FROM "Account" WHERE "accountId" = 1`,
    );
    await restore({ entry: await deletionOf("Account", "1") });
    await db.client.query(`INSERT INTO "Account" ("eMail") VALUES ('c@x')`);
    const rows = await sql<{ id: string }>(`SELECT "accountId"::text AS id FROM "Account" ORDER BY 1`);
    expect(rows.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });

  test("without a key comes back once", async () => {
    await db.client.query("INSERT INTO keyless VALUES ('one', now()), ('two', now()); DELETE FROM keyless");
    const [entry] = await sql<{ id: string }>(
      "SELECT id::text FROM caretaker.audit_logs WHERE resource_type = 'keyless' AND action = 'delete' ORDER BY 1 DESC LIMIT 1",
    );
    const { restore: id } = await restore({ entry: entry?.id ?? "" });
    expect(await receipts(id)).toMatchObject([{ changed: [], differing: [], record: null }]);
    expect(await sql("SELECT what FROM keyless")).toEqual([{ what: "two" }]);
    expect(await plan({ entry: entry?.id ?? "" })).toMatchObject({ status: "nothing", tables: [{ live: 1 }] });
  });

  test("cannot get a masked value back: it asks for a choice and says which fields", async () => {
    await db.client.query(`INSERT INTO "Account" ("eMail", secret) VALUES ('a@x', 'hunter2'); DELETE FROM "Account"`);
    const entry = await deletionOf("Account", "1");
    const planned = await plan({ entry });
    expect(planned.problems).toMatchObject([
      { code: "masked", columns: ["secret"], offers: ["null", "skip"], rows: 1, open: 1 },
    ]);
    expect(JSON.stringify(planned)).not.toContain("hunter2");
    await expect(run(planned)).rejects.toMatchObject({ code: "conflict" });
    const { restore: id } = await restore({ entry, choose: { masked: { do: "null" } } });
    const [receipt] = await receipts(id);
    expect(receipt).toMatchObject({ changed: ["secret"], differing: [] });
    expect(receipt?.row_hash).toEqual(receipt?.before_hash);
    expect(await sql(`SELECT "eMail", secret FROM "Account"`)).toEqual([{ eMail: "a@x", secret: null }]);
  });

  test("finds a clash in a partial index over an expression, and proposes a free value", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail") VALUES ('A@X'); DELETE FROM "Account"; INSERT INTO "Account" ("eMail") VALUES ('a@x')`,
    );
    const entry = await deletionOf("Account", "1");
    const [clash] = (await plan({ entry })).problems;
    expect(clash).toMatchObject({
      code: "unique_clash",
      subject: "Account_live",
      offers: expect.arrayContaining(["rename", "swap"]),
    });
    expect(clash?.examples).toMatchObject([{ about: { record: "2" }, proposed: "A+restored@X" }]);
    await restore({ entry, choose: { unique_clash: { do: "rename" } } });
    expect(await sql(`SELECT "eMail" FROM "Account" ORDER BY "accountId"`)).toEqual([
      { eMail: "A+restored@X" },
      { eMail: "a@x" },
    ]);
  });

  test("says when it is live already, and whether as it was", async () => {
    await db.client.query(
      "INSERT INTO child VALUES (1, NULL, 'one'); DELETE FROM child; INSERT INTO child VALUES (1, NULL, 'again')",
    );
    const planned = await plan({ entry: await deletionOf("child", "1") });
    expect(planned).toMatchObject({ status: "nothing", problems: [{ code: "already_live", offers: [], open: 0 }] });
    expect(planned.problems[0]?.examples[0]?.message).toContain("with other values");
    await expect(run(planned)).rejects.toMatchObject({ code: "conflict" });
  });

  test("is told which columns are gone, changed their type or became required, and which rule would break", async () => {
    await db.client.query("CREATE TABLE moving (id integer PRIMARY KEY, old text, size numeric(10,4), kind text)");
    await captureTable(db.client, "moving");
    await db.client.query(`INSERT INTO moving VALUES (1, 'x', 1.2345, 'word'), (2, 'y', 1.5, '7'); DELETE FROM moving;
      ALTER TABLE moving DROP COLUMN old, ALTER COLUMN size TYPE numeric(10,2), ALTER COLUMN kind TYPE integer USING 0,
        ADD COLUMN needed text NOT NULL, ADD CONSTRAINT big CHECK (id > 5)`);
    const entry = await deletionOf("moving", "1");
    const all = ["check_failed big", "column_gone old", "required needed", "type_changed kind", "type_changed size"];
    expect(codes(await plan({ entry }))).toEqual(all);
    expect(codes(await plan({ entry: await deletionOf("moving", "2") }))).toEqual(
      all.filter((code) => !code.startsWith("type")),
    );
    await db.client.query("DROP TABLE moving");
    expect(codes(await plan({ entry }))).toEqual(["table_gone row"]);
  });
});

describe("a row that is marked as deleted", () => {
  test("loses its mark, and nothing else changes", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail", secret) VALUES ('a@x', 'hunter2'); UPDATE "Account" SET "deletedAt" = '2026-01-02 03:04:05.678'`,
    );
    const planned = await plan({ schema: "public", table: "Account", record: "1" });
    expect(planned).toMatchObject({ status: "clean", writes: 1, problems: [] });
    expect(JSON.stringify(planned)).not.toContain("hunter2");
    const [receipt] = await receipts((await run(planned)).restore);
    expect(receipt).toMatchObject({
      act: "update",
      changed: [],
      differing: [],
      earlier: { deletedAt: "2026-01-02T03:04:05.678" },
    });
    expect(receipt?.row_hash).toEqual(receipt?.before_hash);
    expect(await sql(`SELECT "eMail", secret, "deletedAt" FROM "Account"`)).toEqual([
      { eMail: "a@x", secret: "hunter2", deletedAt: null },
    ]);
    expect(await plan({ schema: "public", table: "Account", record: "1" })).toMatchObject({ status: "nothing" });
  });

  test("loses a flag too", async () => {
    const [row] = await sql<{ id: string }>(
      "INSERT INTO flagged (name, is_deleted) VALUES ('f', true) RETURNING id::text",
    );
    await restore({ row: [`public.flagged:${row?.id}`] });
    expect(await sql("SELECT is_deleted FROM flagged")).toEqual([{ is_deleted: false }]);
  });

  test("comes back from the log, without the mark, when it was purged meanwhile", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail") VALUES ('a@x'); UPDATE "Account" SET "deletedAt" = now(); DELETE FROM "Account"`,
    );
    const { plan: planned } = await restore({ schema: "public", table: "Account", record: "1" });
    expect(planned).toMatchObject({ status: "clean", tables: [{ rows: 1 }] });
    expect(await sql(`SELECT "eMail", "deletedAt" FROM "Account"`)).toEqual([{ eMail: "a@x", deletedAt: null }]);
  });

  test("may hang from a parent that is marked as deleted: that is said, and hinders nothing", async () => {
    await db.client.query(
      `INSERT INTO "Account" ("eMail", "deletedAt") VALUES ('a@x', now()); INSERT INTO child VALUES (1, 1, 'one'); DELETE FROM child`,
    );
    const planned = await plan({ entry: await deletionOf("child", "1") });
    expect(planned).toMatchObject({ status: "clean", problems: [{ code: "parent_deleted", open: 0 }] });
    expect(planned.problems[0]?.examples[0]).toMatchObject({ about: { table: "Account", record: "1" } });
  });
});
