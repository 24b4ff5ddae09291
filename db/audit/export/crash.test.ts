import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { openTap } from "../../../bench/faults/tap.ts";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { exportRequest } from "./contract.ts";
import { exportRow } from "./record.ts";
import { requestExport } from "./request.ts";

// Whole processes start here.

let app: Adopted;
let admin: Awaited<ReturnType<typeof person>>;
let folder: string;
const workers: ChildProcess[] = [];
const months = 8;
const entriesEach = 10_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-crash-"));
  process.env.CARETAKER_DATA = folder;
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("");
  await app.client.query("SELECT caretaker.ensure_partitions(1, $1)", [months]);
  await app.client.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type, resource_id, new_values)
     SELECT now() - n * interval '1 month' - k * interval '1 second', n * 100000 + k, '5', 'create', 'things', k, jsonb_build_object('k', k)
       FROM generate_series(0, $1 - 1) n, generate_series(1, $2) k`,
    [months, entriesEach],
  );
  // The planner is told of big months, so that each is a slice of its own.
  await app.client.query("ANALYZE caretaker.audit_logs");
  await app.client.query(
    "UPDATE pg_class SET reltuples = 400000 WHERE relname ~ '^audit_logs_\\d{4}_\\d{2}$' AND reltuples > 1000",
  );
});

afterEach(() => {
  for (const worker of workers.splice(0)) if (worker.exitCode === null) worker.kill("SIGKILL");
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
});

async function worker(databaseUrl = process.env.DATABASE_URL): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("../../testing/export-worker.ts", import.meta.url));
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  workers.push(child);
  await once(child.stdout, "data");
  return child;
}

async function steps(id: string): Promise<number> {
  const { rows } = await controlPool().query<{ steps: number }>(
    "SELECT count(*)::int AS steps FROM job_receipts WHERE job_id = $1",
    [id],
  );
  return rows[0]?.steps ?? 0;
}

async function done(id: string): Promise<string> {
  const state = () =>
    controlPool().query<{ state: string; error: string }>("SELECT state, error FROM jobs WHERE id = $1", [id]);
  await vi.waitUntil(async () => /done|failed/.test((await state()).rows[0]?.state ?? ""), { timeout: 60_000 });
  const { rows } = await state();
  expect(rows).toEqual([{ state: "done", error: null }]);
  return readFile(objectStore().fileOf((await exportRow(id)).file ?? "") ?? "", "utf8");
}

async function expectWhole(text: string): Promise<void> {
  const lines = text.trimEnd().split("\n");
  const end = lines.pop() ?? "";
  expect(JSON.parse(end)._end.sha256).toBe(
    createHash("sha256")
      .update(text.slice(0, text.length - end.length - 1))
      .digest("hex"),
  );
  const ids = lines.flatMap((line) => (line.startsWith('{"id"') ? [JSON.parse(line).id] : []));
  const { rows } = await app.client.query<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs WHERE created_at < $1 ORDER BY created_at, audit_logs.id",
    [begun],
  );
  expect(ids.length).toBe(rows.length);
  expect(ids).toEqual(rows.map(({ id }) => id));
}

let begun: string;

test("an export whose worker is killed between and within slices goes on and holds every entry once", async () => {
  begun = new Date().toISOString();
  const request = exportRequest.parse({ query: `database=${app.id}`, format: "ndjson" });
  const { jobId } = await requestExport(admin.actor, request);
  for (const after of [3, 6]) {
    const killed = await worker();
    await vi.waitUntil(async () => (await steps(jobId)) >= after, { timeout: 60_000, interval: 5 });
    killed.kill("SIGKILL");
    await once(killed, "exit");
    // What commits meanwhile is not in the set.
    await app.client.query(
      "INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action) VALUES (now(), $1, pg_current_xact_id(), 'late')",
      [after],
    );
    await controlPool().query("UPDATE jobs SET lease_until = now() WHERE id = $1", [jobId]);
  }
  await worker();
  await expectWhole(await done(jobId));
  expect((await readdir(join(folder, "exports"))).filter((file) => file.startsWith(jobId))).toEqual([]);
});

test("an export whose worker is killed after it stored its files, and before it noted that, stores the same files again", async () => {
  begun = new Date().toISOString();
  const { rows } = await controlPool().query<{ receipts: number }>(
    "SELECT count(*)::int AS receipts FROM job_receipts GROUP BY job_id",
  );
  // The last step but one of a whole export.
  let left = (rows[0]?.receipts ?? 0) - 1;
  const url = new URL(process.env.DATABASE_URL ?? "");
  const tap = await openTap(Number(url.port));
  url.port = String(tap.port);
  const killed = await worker(url.href);
  const struck = tap.arm({
    picks: (statement) => statement.startsWith("INSERT INTO job_receipts") && --left === 0,
    side: "before",
    strike: async () => void killed.kill("SIGKILL"),
  });
  const request = exportRequest.parse({ query: `database=${app.id}`, format: "ndjson" });
  const { jobId } = await requestExport(admin.actor, request);
  await struck;
  expect((await objectStore().list(`exports/${jobId}/`)).length).toBe(2);
  await controlPool().query("UPDATE jobs SET lease_until = now() WHERE id = $1", [jobId]);
  await worker();
  await expectWhole(await done(jobId));
  await tap.close();
});

test("an export whose connections are terminated copies that slice again", async () => {
  begun = new Date().toISOString();
  await worker();
  const request = exportRequest.parse({ query: `database=${app.id}`, format: "ndjson" });
  const { jobId } = await requestExport(admin.actor, request);
  for (let terminated = 0; terminated < 2; ) {
    const { rowCount } = await app.client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'COPY%'`,
    );
    terminated += rowCount ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const text = await done(jobId);
  const lines = text.split("\n").filter((line) => line.startsWith('{"id"'));
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines.length).toBe(months * entriesEach + 2);
});
