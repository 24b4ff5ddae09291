import { like } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, control, inControl } from "../control.ts";
import { closeFleet, consoleDatabase } from "../fleet.ts";
import { staffActor } from "../mint.ts";
import { managedTables } from "../schema/fleet.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { readFilter } from "./contract.ts";
import { ExactNumber, parseRow } from "./lossless.ts";
import { readEntry } from "./read-entry.ts";
import { recordEvent } from "./record-event.ts";
import { recordHistory } from "./record-history.ts";
import { listViews, removeAuditView, saveAuditView } from "./saved-views.ts";
import { searchAudit } from "./search.ts";

let db: Adopted;
let ada: Awaited<ReturnType<typeof person>>;
let sam: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  sam = await person("support", "Sam");
  db = await adoptedDatabase(
    "CREATE TABLE things (id bigint PRIMARY KEY, big bigint, exact numeric, secret text); CREATE TABLE payment_refunds (id int PRIMARY KEY)",
    { things: { maskedColumns: ["secret"] } },
  );
  await db.client.query("BEGIN");
  await db.client.query("SELECT caretaker.set_context(user_id => $1, reason => 'month end')", [sam.id]);
  await db.client.query(
    "INSERT INTO things VALUES (9007199254740993, 9007199254740995, 1.10, 's3cret'), (2, 1, 1, 'other')",
  );
  await db.client.query("UPDATE things SET exact = 2.50 WHERE id > 2");
  await db.client.query("DELETE FROM things WHERE id > 2");
  await db.client.query("COMMIT");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const record = "9007199254740993";

describe("one entry", () => {
  test("has both states exactly, what its transaction did in order, and never a masked value", async () => {
    const { rows } = await searchAudit(ada.actor, { q: `record:${record} action:update` });
    const entry = await readEntry(ada.actor, db.id, rows[0]?.id ?? "");
    expect(entry).toMatchObject({ action: "update", changed: ["exact"], record, reason: "month end" });
    expect(entry.actor).toMatchObject({ id: sam.id, name: "Sam", kind: "staff" });
    expect(entry.sentence).toBe("Sam changed exact of things 9007199254740993");
    expect(entry.before).toContain('"exact": 1.10');
    expect(entry.after).toContain('"exact": 2.50');
    expect(parseRow(entry.before)).toMatchObject({
      big: new ExactNumber("9007199254740995"),
      exact: new ExactNumber("1.10"),
    });
    expect(JSON.stringify(entry)).not.toContain("s3cret");
    expect(entry.siblings.map(({ action }) => action)).toEqual(["create", "create", "update", "delete"]);
  });

  test("is not found by an id that nobody has, or that is none", async () => {
    for (const id of ["1", "9999999999999999999", "x"]) {
      await expect(readEntry(ada.actor, db.id, id)).rejects.toMatchObject({ code: "not_found" });
    }
    const powerless = staffActor({ staffId: sam.id, name: "Sam", role: "support", only: ["tenants.read"] });
    await expect(readEntry(powerless, db.id, "1")).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("the history of a record", () => {
  test("is newest first, each event with the fields that it changed", async () => {
    const { rows, next } = await recordHistory(ada.actor, {
      database: db.id,
      schema: "public",
      table: "things",
      record,
    });
    expect(next).toBeNull();
    expect(rows.map(({ action }) => action)).toEqual(["delete", "update", "create"]);
    expect(rows[1]).toMatchObject({ before: '{"exact": 1.10}', after: '{"exact": 2.50}' });
    expect(rows[0]?.after).toBeNull();
    expect(rows[2]?.before).toBeNull();
  });
});

describe("an event", () => {
  test("is recorded in the caller's transaction with its actor, or not at all", async () => {
    const event = { action: "download", resourceType: "backups", resourceId: "b1", metadata: { bytes: "12" } };
    await inControl(sam.actor, (_tx, client) => recordEvent(client, event));
    await expect(
      inControl(sam.actor, async (_tx, client) => {
        await recordEvent(client, { ...event, resourceId: "b2" });
        throw new Error("undone");
      }),
    ).rejects.toThrow("undone");
    const { rows } = await searchAudit(ada.actor, { database: consoleDatabase, q: "action:download" });
    expect(rows.map(({ record }) => record)).toEqual(["b1"]);
    expect(rows[0]?.sentence).toBe("Sam downloaded: backups b1");
  });

  test("cannot pretend to be a row's event", async () => {
    const forged = { action: "delete", resourceType: "things", resourceId: "2" };
    await expect(inControl(sam.actor, (_tx, client) => recordEvent(client, forged))).rejects.toThrow("name of its own");
  });
});

describe("saved views", () => {
  test("the built-in ones are of all the tables that they mean, in every adopted database, by their names there", async () => {
    const other = await adoptedDatabase(
      `CREATE TABLE "Payment" (id int PRIMARY KEY); CREATE TABLE "payments, old" (id int PRIMARY KEY); CREATE TABLE "Account" (id int PRIMARY KEY)`,
      {},
      { usersTable: { schema: "public", table: "Account", key: "id", name: null, slug: null } },
    );
    await other.client.query(`INSERT INTO "Payment" VALUES (1); INSERT INTO "payments, old" VALUES (2)`);
    await other.client.query(`DELETE FROM "Payment"; DELETE FROM "payments, old"`);
    await other.client.end();
    await db.client.query("INSERT INTO payment_refunds VALUES (3)");
    await db.client.query("DELETE FROM payment_refunds");

    const views = (await listViews(ada.actor, "audit")).filter(({ kind }) => kind === "built-in");
    expect(views.map(({ name }) => name)).toEqual([
      "Who changed this user in the last 30 days",
      "All payment deletions",
    ]);
    const [changes, deletions] = views.map(({ query }) => readFilter(Object.fromEntries(new URLSearchParams(query))));
    expect(changes).toMatchObject({ dropped: [], problem: null, filter: { q: "at:-30d.. table:Account" } });
    expect(deletions).toMatchObject({ dropped: [], problem: null });
    const { rows } = await searchAudit(ada.actor, deletions?.filter ?? {});
    expect(rows.map(({ table, record }) => `${table} ${record}`)).toEqual([
      "payment_refunds 3",
      "payments, old 2",
      "Payment 1",
    ]);
  });

  test("a built-in one that had to leave tables out says of how many it is", async () => {
    const many = Array.from({ length: 60 }, (_, n) => ({
      ...{ databaseId: db.id, schema: "public", name: `zz_payment_${n}`, class: "reference" as const },
      ...{ reason: "Made for a test.", primaryKey: ["id"], audited: true, maskedColumns: [], ignoredColumns: [] },
    }));
    await control().insert(managedTables).values(many);
    const [, deletions] = await listViews(ada.actor, "audit");
    expect(deletions?.name).toBe("All payment deletions, in 50 of 63 tables");
    expect(readFilter(Object.fromEntries(new URLSearchParams(deletions?.query))).problem).toBeNull();
    await control().delete(managedTables).where(like(managedTables.name, "zz_payment_%"));
  });

  test("a personal view is its owner's alone, a shared one is everybody's, and only the owner removes it", async () => {
    const own = { area: "audit", name: "Mine", query: "action=delete", shared: false } as const;
    await saveAuditView(ada.actor, own);
    const shared = await saveAuditView(ada.actor, { ...own, name: "Ours", shared: true });
    expect(await saveAuditView(ada.actor, { ...own, name: "Ours", query: "action=update", shared: true })).toEqual(
      shared,
    );
    const saved = (await listViews(sam.actor, "audit")).filter(({ kind }) => kind !== "built-in");
    expect(saved).toMatchObject([{ name: "Ours", query: "action=update", kind: "shared", mine: false }]);
    await expect(removeAuditView(sam.actor, shared)).rejects.toMatchObject({ code: "not_found" });
    await removeAuditView(ada.actor, shared);
    expect((await listViews(ada.actor, "audit")).filter(({ kind }) => kind !== "built-in")).toMatchObject([
      { name: "Mine" },
    ]);
    const { rows } = await searchAudit(ada.actor, {
      database: consoleDatabase,
      q: `table:saved_views record:${shared.id}`,
    });
    expect(rows.map(({ action }) => action)).toEqual(["delete", "update", "create"]);
    expect(rows[0]?.actor.name).toBe("Ada");
  });
});
