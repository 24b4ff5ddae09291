import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet, consoleDatabase } from "../fleet.ts";
import { adoptControl } from "../managed/control.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import {
  readActivity,
  readAudit,
  readHistory,
  readNewest,
  readOneEntry,
  readRecordAt,
  readRequest,
  readStories,
  readTransaction,
  recordLookup,
} from "./asked.ts";
import { readCold } from "./cold/read.ts";
import { countNewer } from "./newer.ts";
import { offerValues } from "./query/offer.ts";
import { searchAudit } from "./search.ts";

// Reading the log by support is recorded, whichever way it is read: once a question, before its answer.

let db: Adopted;
let ada: Awaited<ReturnType<typeof person>>;
let sam: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  const client = await controlPool().connect();
  await adoptControl(client);
  client.release();
  ada = await person("administrator", "Ada");
  sam = await person("support", "Sam");
  db = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text)");
  await db.client.query("BEGIN");
  await db.client.query("SELECT caretaker.set_context(user_id => 'u-7', request_id => 'r-7')");
  await db.client.query("INSERT INTO notes SELECT n, 'body ' || n FROM generate_series(1, 120) AS n");
  await db.client.query("COMMIT");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

/** What reading left in the console's log, oldest first. */
async function left(work: () => Promise<unknown>): Promise<unknown[]> {
  const read = async () =>
    (
      await controlPool().query<{ action: string; asked: Record<string, unknown> }>(
        `SELECT action, metadata - 'role' AS asked FROM caretaker.audit_logs
          WHERE action IN ('search_audit', 'search_archive', 'read_audit') ORDER BY created_at, id`,
      )
    ).rows;
  const before = (await read()).length;
  await work();
  return (await read()).slice(before).map(({ action, asked }) => [action, asked]);
}

test("each single thing that is opened is recorded by its address", async () => {
  const [entry] = (await searchAudit(ada.actor, { database: db.id, q: "table:notes record:9" })).rows;
  const { id = "", transaction = "", at = "" } = entry ?? {};
  const database = db.id;
  const address = { database, schema: "public", table: "notes", record: "9" };
  const answers = [
    await left(() => readOneEntry(sam.actor, database, id)),
    await left(() => readTransaction(sam.actor, database, transaction, { near: at })),
    await left(() => readRequest(sam.actor, "r-7")),
    await left(() => readActivity(sam.actor, "u-7")),
    await left(() => readHistory(sam.actor, address)),
  ];
  expect(answers).toEqual(
    [{ database, entry: id }, { database, transaction }, { request: "r-7" }, { actor: "u-7" }, address].map((asked) => [
      ["read_audit", asked],
    ]),
  );
  expect(await left(() => readRecordAt(sam.actor, address, at, []))).toEqual([]);
  expect(await left(() => readRecordAt(sam.actor, { ...address, record: "8" }, at, []))).toHaveLength(1);
  expect(await left(() => readOneEntry(ada.actor, database, id))).toEqual([]);
  const { rows } = await searchAudit(ada.actor, { database: consoleDatabase, q: "action:read_audit" });
  expect(rows[0]?.sentence).toBe("Sam read the audit log: audit_logs");
});

test("stories are recorded as the search that they are, once and not once a page", async () => {
  const filter = { database: db.id, q: "table:notes action:create" };
  const recorded = ["search_audit", { filter: new URLSearchParams(filter).toString(), ...filter }];
  const { next } = await searchAudit(ada.actor, filter);
  expect(await left(() => readStories(sam.actor, filter, null))).toEqual([recorded]);
  expect(await left(() => readStories(sam.actor, filter, next))).toEqual([]);
});

test("a page or a poll belongs to the question that its reader began, and one without any is a question itself", async () => {
  const filter = { database: db.id, q: "table:notes" };
  const { next, rows } = await searchAudit(ada.actor, filter);
  const [since] = rows;
  const poll = () => countNewer(sam.actor, { ...filter, at: since?.at ?? "", id: since?.id ?? "" });
  const further = () => readAudit(sam.actor, filter, next);
  expect(next).not.toBeNull();
  expect(await left(further)).toHaveLength(1);
  expect(await left(further)).toEqual([]);
  expect(await left(poll)).toEqual([]);
  expect(await left(() => readAudit(sam.actor, filter))).toHaveLength(1);
  const other = { ...filter, q: "table:notes action:delete" };
  expect(await left(() => countNewer(sam.actor, { ...other, at: since?.at ?? "", id: "1" }))).toHaveLength(1);
  const grace = await person("support", "Grace");
  expect(await left(() => readAudit(grace.actor, filter, next))).toHaveLength(1);
});

test("archived months are recorded also when they are asked from a page on", async () => {
  const filter = { database: db.id, q: "table:notes" };
  const { next } = await searchAudit(ada.actor, filter);
  const finding = { cursor: next, signal: new AbortController().signal, onProgress: () => {} };
  const asked = () => readCold(sam.actor, filter, finding);
  expect(await left(asked)).toEqual([["search_archive", expect.objectContaining(filter)]]);
  expect(await left(asked)).toEqual([]);
});

test("what comes with every letter or every visit is recorded once", async () => {
  const typed = () => offerValues(sam.actor, { field: "record", begin: "1", database: db.id });
  expect(await left(typed)).toEqual([["search_audit", { values: "record", of: null, database: db.id, tenant: null }]]);
  expect(await left(() => offerValues(sam.actor, { field: "record", begin: "11", database: db.id }))).toEqual([]);
  expect(await left(() => recordLookup(sam.actor, "4711"))).toEqual([
    ["search_audit", { asked: "search", text: "4711" }],
  ]);
  expect(await left(() => recordLookup(sam.actor, "4711"))).toEqual([]);
  expect(await left(() => readNewest(sam.actor, { database: db.id }, 8))).toHaveLength(1);
  expect(await left(() => readNewest(sam.actor, { database: db.id }, 8))).toEqual([]);
});
