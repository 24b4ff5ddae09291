import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { readJob } from "../../jobs/read.ts";
import { work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { fillMonth } from "../archive/testing/month.ts";
import { moveMonth } from "../archive/testing/move.ts";
import { canonicalLinesSql } from "../proof/canonical.ts";
import { exportRequest } from "./contract.ts";
import { exportJobs } from "./jobs.ts";
import { exportRow } from "./record.ts";
import { estimateExport, requestExport } from "./request.ts";

// Months are archived and read back.

const actor = systemActor("test");
const months = ["2025-10", "2025-11", "2025-12"];
let app: Adopted;
let lines: string[];

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-export-cold-"));
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  for (const month of months) await fillMonth(app.client, month, 300);
  await app.client.query("INSERT INTO orders VALUES (1), (2)");
  const { rows } = await app.client.query<{ line: string }>(
    canonicalLinesSql("caretaker.audit_logs ORDER BY created_at, audit_logs.id"),
  );
  lines = rows.map(({ line }) => line);
  // A month that is still hot lies between two that are cold.
  for (const month of ["2025-10", "2025-12"]) await moveMonth(actor, "audit.archive", app.id, month);
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
});

async function exported(q: string, format: string, zone = "UTC"): Promise<string> {
  const query = new URLSearchParams({ database: app.id, q }).toString();
  const { jobId } = await requestExport(actor, exportRequest.parse({ query, format, zone }));
  const working = work(exportJobs, { log: pino({ level: "silent" }), pollMs: 50 });
  await vi.waitUntil(async () => /done|failed/.test((await readJob(actor, jobId)).state), { timeout: 50_000 });
  await working.stop();
  expect(await readJob(actor, jobId)).toMatchObject({ state: "done", error: null });
  return readFile(objectStore().fileOf((await exportRow(jobId)).file ?? "") ?? "", "utf8");
}

async function exportedLines(q: string): Promise<string[]> {
  return (await exported(q, "ndjson")).split("\n").filter((line) => line.startsWith('{"id"'));
}

test("an export holds archived months as if they had never left, byte for byte and in their place", async () => {
  const exported = await exportedLines("");
  expect(exported.slice(0, lines.length)).toEqual(lines);
  // That both months were archived is in the log too.
  expect(exported.length).toBe(lines.length + 2);
});

test("an export asks archived months the same filter", async () => {
  const deleted = lines.filter((line) => JSON.parse(line).action === "delete");
  expect(deleted.length).toBeGreaterThan(100);
  expect(await exportedLines("action:delete")).toEqual(deleted);
});

test("an export prints the moments of archived months in the zone that was asked", async () => {
  const text = await exported("at:2025-10 action:login", "csv", "Asia/Kolkata");
  const [, id, at] = /^"?(\d+)"?,"?([^",]+)/m.exec(text) ?? [];
  const { created_at: moment } = JSON.parse(lines.find((line) => line.includes(`"id":"${id}"`)) ?? "{}");
  expect(at).toMatch(/\+05:30$/);
  expect(new Date(at ?? "")).toEqual(new Date(moment));
});

test("an export's estimate counts the archived months that its time touches, and its progress with it", async () => {
  const archived = async (q: string) => {
    const query = new URLSearchParams({ database: app.id, q }).toString();
    const { rows, databases } = await estimateExport(actor, query);
    expect(rows).toBe(databases.reduce((sum, one) => sum + one.rows + one.archived, 0));
    return databases.map((one) => one.archived);
  };
  expect(await archived("")).toEqual([600]);
  expect(await archived("at:2025-10")).toEqual([300]);
  expect(await archived("at:2025-11")).toEqual([0]);
  const query = new URLSearchParams({ database: app.id, q: "at:2025-12" }).toString();
  const { jobId } = await requestExport(actor, exportRequest.parse({ query, format: "ndjson" }));
  expect(Number((await exportRow(jobId)).estimate)).toBeGreaterThanOrEqual(300);
});

test("an export holds what the log took for a month after it was archived", async () => {
  await app.client.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action)
     VALUES ('2025-10-30T00:00:00Z', 77, pg_current_xact_id(), 'stray')`,
  );
  const found = await exportedLines("at:2025-10");
  expect(found.filter((line) => line.includes('"stray"'))).toHaveLength(1);
  expect(found).toHaveLength(301);
});
