import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fillMonth } from "../audit/archive/testing/month.ts";
import { finishJob, moveMonth } from "../audit/archive/testing/move.ts";
import { coldScope, searchCold } from "../audit/cold/search.ts";
import type { AuditEntry } from "../audit/contract.ts";
import { exportRequest } from "../audit/export/contract.ts";
import { exportJobs } from "../audit/export/jobs.ts";
import { exportRow } from "../audit/export/record.ts";
import { estimateExport, requestExport } from "../audit/export/request.ts";
import { rowContext } from "../audit/names-as-of-rows.ts";
import { namesBegun } from "../audit/query/offer-names.ts";
import { readEntry } from "../audit/read-entry.ts";
import { recordAt } from "../audit/record-at.ts";
import { recordHistory } from "../audit/record-history.ts";
import { planExpiry } from "../audit/retention/expiry-plan.ts";
import { retentionOverview } from "../audit/retention/overview.ts";
import { searchAudit } from "../audit/search.ts";
import { requestStory, transactionStory } from "../audit/story.ts";
import { createStream as streamInput } from "../audit/stream/contract.ts";
import { createStream } from "../audit/stream/manage.ts";
import { whoDeleted } from "../audit/who-deleted.ts";
import { closeControl, control, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { readJob } from "../jobs/read.ts";
import { work } from "../jobs/work.ts";
import { systemActor } from "../mint.ts";
import { objectStore } from "../objects/configured.ts";
import { retentionRules } from "../schema/retention.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { forgetDatabase } from "./add-database.ts";
import { planRemoval, removeAdoption } from "./remove.ts";

// Months are written, and exported.

const actor = systemActor("test");
const months = ["2025-08", "2025-09"];
const everywhere = { cursor: null, limit: 2_000, signal: new AbortController().signal, onProgress: () => {} };
let stays: Adopted;
let name: string;
let id: string;
/** What the archive answered while the database was managed. */
const before = new Map<string, AuditEntry[]>();

const queries = ["", "action:delete", "tenant:tenant-3 -actor:none", "value:zoë", "ip:10.0.0.0/8", "old.id:5"];

const found = async (q: string) => (await searchCold(actor, { q }, everywhere)).rows;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-departed-"));
  await freshControl();
  stays = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  const app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  ({ id } = app);
  name = new URL(app.url).pathname.slice(1);
  for (const month of months) {
    await fillMonth(app.client, month, 200);
    await moveMonth(actor, "audit.archive", id, month);
  }
  for (const q of queries) before.set(q, await found(q));
  await removeAdoption(actor, { databaseId: id, planHash: (await planRemoval(actor, id)).hash });
  await forgetDatabase(actor, id);
  await app.client.end();
});

afterAll(async () => {
  await stays.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

const asDeparted = (entry: AuditEntry) => ({ ...entry, databaseName: `${name} (left)`, left: true });

describe("the archived months of a database that left", () => {
  test.each(queries)(
    "answer %j as they did before, by its last name and a word that it left, and miss nobody",
    async (q) => {
      const page = await searchCold(actor, { q }, everywhere);
      expect(page.rows.length).toBeGreaterThan(0);
      expect(page).toMatchObject({ rows: before.get(q)?.map(asDeparted), silent: [] });
    },
  );

  test("are asked for by its name or id, and its log is no mistake to name: it is empty", async () => {
    for (const filter of [{ q: `database:${name}` }, { database: id }]) {
      expect(await coldScope(actor, filter)).toMatchObject({ files: 2, entries: "400" });
      expect(await searchAudit(actor, filter)).toEqual({ rows: [], next: null, silent: [] });
    }
    expect(await coldScope(actor, { q: `-database:${name}` })).toMatchObject({ files: 0 });
    await expect(searchAudit(actor, { q: "database:never-was" })).rejects.toMatchObject({ code: "not_found" });
    expect(await namesBegun("database", name.slice(0, -1))).toContainEqual({ value: name, note: expect.any(String) });
  });

  test("open as entries, stories and histories, and tell who deleted a record", async () => {
    const deleted = (await found("action:delete")).find(({ actor: by }) => by.id?.startsWith("user-"));
    if (!deleted) throw new Error("Nobody deleted anything.");
    const { id: entry, transaction, at, schema, table, record, request, archived = "" } = deleted;
    const whole = await readEntry(actor, id, entry);
    expect(whole).toMatchObject({ ...deleted, before: expect.stringContaining("900719925474"), silent: [] });
    expect(await rowContext(actor, id, whole, [whole.before], { at, id: entry })).toMatchObject({ silent: [] });
    const told = { first: { databaseName: `${name} (left)` }, silent: [] };
    expect(await transactionStory(actor, id, transaction, { near: at })).toMatchObject(told);
    expect(await requestStory(actor, request ?? "", { months })).toMatchObject(told);
    await expect(transactionStory(actor, id, transaction)).rejects.toMatchObject({ code: "not_found" });
    const address = { database: id, schema: schema ?? "", table: table ?? "", record: record ?? "" };
    const { rows, silent } = await recordHistory(actor, address, null, [archived]);
    expect(rows.map((row) => row.id)).toContain(entry);
    expect(silent).toEqual([]);
    const then = await recordAt(actor, address, at, [archived]);
    expect(then).toMatchObject({ state: "gone", entry: { id: entry }, former: whole.before });
    const { deletions, silent: missed } = await whoDeleted(actor, { text: record ?? "" }, months);
    expect(deletions.map((deletion) => deletion.id)).toContain(entry);
    expect(missed).toEqual([]);
  });

  test("are listed where archived months are, cannot come back, and are streamed nowhere", async () => {
    const overview = (await retentionOverview(actor)).find(({ databaseId }) => databaseId === id);
    expect(overview).toMatchObject({ databaseName: `${name} (left)`, left: true, silent: null });
    expect(overview?.months.map(({ month, state }) => [month, state])).toEqual([
      ["2025-09", "cold"],
      ["2025-08", "cold"],
    ]);
    const target = { kind: "webhook", url: "http://127.0.0.1:9/", format: "ndjson", from: "now" };
    const stream = streamInput.parse({ ...target, name: "SIEM", query: `q=database:${name}` });
    await expect(createStream(actor, stream)).rejects.toMatchObject({ code: "not_found" });
  });

  test("are exported with what is asked of the others, and are past being proven", async () => {
    const request = exportRequest.parse({ query: `q=database:${name} action:delete`, format: "ndjson" });
    expect(await estimateExport(actor, request.query)).toMatchObject({
      databases: [{ id, name: `${name} (left)`, rows: 0, archived: 400 }],
    });
    const { jobId } = await requestExport(actor, request);
    const working = work(exportJobs, { log: pino({ level: "silent" }), pollMs: 50 });
    await vi.waitUntil(async () => /done|failed/.test((await readJob(actor, jobId)).state), { timeout: 50_000 });
    await working.stop();
    expect(await readJob(actor, jobId)).toMatchObject({ state: "done", error: null });
    const text = await readFile(objectStore().fileOf((await exportRow(jobId)).file ?? "") ?? "", "utf8");
    const ids = text.split("\n").flatMap((line) => (line.startsWith('{"id"') ? [JSON.parse(line).id] : []));
    expect(ids).toEqual((await found("action:delete")).map((entry) => entry.id).reverse());
    await expect(requestExport(actor, { ...request, withProofs: true })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("(left)"),
    });
  });

  test("go when their time is over, recorded in the console's log, and are then known no more", async () => {
    await control().insert(retentionRules).values({ databaseId: id, keepMonths: 12, reason: "our terms" });
    for (const month of months) {
      const { hash } = await planExpiry(actor, { databaseId: id, month });
      const job = { kind: "audit.expire", title: "Expire", input: { databaseId: id, month }, planHash: hash };
      expect(await finishJob(actor, await enqueue(actor, job))).toMatchObject({ state: "done", error: null });
    }
    const { rows } = await controlPool().query(
      "SELECT resource_id, metadata ->> 'database' AS database FROM caretaker.audit_logs WHERE action = 'expire' ORDER BY 1",
    );
    expect(rows).toEqual(months.map((month) => ({ resource_id: month, database: id })));
    expect(await coldScope(actor, {})).toMatchObject({ files: 0 });
    await expect(searchAudit(actor, { q: `database:${name}` })).rejects.toMatchObject({ code: "not_found" });
  });
});
