import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import pino from "pino";
import { type ExportFormat, exportRequest } from "#db/audit/export/contract.ts";
import { exportJobs } from "#db/audit/export/jobs.ts";
import { type ExportRow, exportRow } from "#db/audit/export/record.ts";
import { requestExport } from "#db/audit/export/request.ts";
import { canonicalCopyOptions, canonicalLinesSql } from "#db/audit/proof/canonical.ts";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { isOver } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";
import { work } from "#db/jobs/work.ts";
import { systemActor } from "#db/mint.ts";
import { objectStore } from "#db/objects/configured.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { writeEntries } from "./audit-read/entries.ts";
import type { Bench } from "./bench.ts";

const entries = { small: 100_000, full: 5_000_000 };

const actor = systemActor("bench");

/**
 * Whole exports as a worker runs them: asked for, copied, closed, stored, read back. The memory is this process's, the first byte
 * the first entry that lies in the file. Afterwards count and SHA-256 are compared with what the database itself says.
 */
export const bench: Bench = async ({ server, size }) => {
  process.env.CARETAKER_TEST_SERVER = server.href;
  const folder = await mkdtemp(join(tmpdir(), "caretaker-bench-export-"));
  process.env.CARETAKER_DATA = folder;
  const control = await freshControl();
  const app = await adoptedDatabase("");
  const working = work(exportJobs, { log: pino({ level: "error" }), pollMs: 20 });
  try {
    await writeEntries(app.client, entries[size], 12);
    await measured(app, "csv", folder, "action:truncate");
    const ndjson = await measured(app, "ndjson", folder);
    const csv = await measured(app, "csv", folder);
    const agreed = await agrees(app, ndjson.row);
    return {
      figures: {
        entries: entries[size],
        ndjson_rows_per_s: Math.round(ndjson.rate),
        csv_rows_per_s: Math.round(csv.rate),
        memory_growth_mb: Math.round(Math.max(ndjson.growth, csv.growth)),
        first_byte_s: Math.max(ndjson.firstByte, csv.firstByte),
        count_and_sha256_agree: String(agreed),
      },
      tables: [
        {
          title: "Export",
          columns: ["format", "rows", "MB", "seconds", "rows/s", "first byte s", "memory growth MB"],
          rows: [ndjson, csv].map(({ row, seconds, rate, firstByte, growth }) => [
            row.format,
            String(row.rows),
            Math.round(Number(row.bytes) / 1e6),
            Math.round(seconds * 10) / 10,
            Math.round(rate),
            firstByte,
            Math.round(growth),
          ]),
        },
      ],
    };
  } finally {
    await working.stop();
    await app.client.end();
    await closeFleet();
    await closeControl();
    await drop(server, [control, app.url]);
    await rm(folder, { recursive: true, force: true });
  }
};

async function measured(app: Adopted, format: ExportFormat, folder: string, q?: string) {
  const query = new URLSearchParams({ database: app.id, ...(q && { q }) }).toString();
  const before = process.memoryUsage.rss();
  const started = performance.now();
  let most = before;
  let firstByte: number | null = null;
  const { jobId } = await requestExport(actor, exportRequest.parse({ query, format }));
  for (;;) {
    if (firstByte === null && (await grown(folder, jobId))) firstByte = (performance.now() - started) / 1000;
    most = Math.max(most, process.memoryUsage.rss());
    const job = await readJob(actor, jobId);
    if (job.state === "failed") throw new Error(job.error ?? "The export failed.");
    if (isOver(job.state)) break;
    await pause(firstByte === null ? 10 : 50);
  }
  const seconds = (performance.now() - started) / 1000;
  const row = await exportRow(jobId);
  return {
    row,
    seconds,
    rate: Number(row.rows) / seconds,
    growth: (most - before) / (1 << 20),
    firstByte: Math.round((firstByte ?? seconds) * 1000) / 1000,
  };
}

/** Whether more than a head stands in the file. */
async function grown(folder: string, id: string): Promise<boolean> {
  const files = await readdir(join(folder, "exports")).catch(() => []);
  const part = files.find((file) => file.startsWith(id));
  return part !== undefined && (await stat(join(folder, "exports", part))).size > 1_000;
}

/** The file against the canonical lines, printed by the database in one go. */
async function agrees(app: Adopted, row: ExportRow): Promise<boolean> {
  const { rows } = await app.client.query<{ count: string }>("SELECT count(*) FROM caretaker.audit_logs");
  const said = createHash("sha256");
  const sql = `COPY (${canonicalLinesSql("caretaker.audit_logs ORDER BY created_at, audit_logs.id")}) TO STDOUT WITH ${canonicalCopyOptions}`;
  for await (const chunk of app.client.query(copyTo(sql))) said.update(chunk);
  const held = createHash("sha256");
  for await (const chunk of linesOf(objectStore().fileOf(row.file ?? "") ?? "", Number(row.bytes))) held.update(chunk);
  return rows[0]?.count === String(row.rows) && said.digest("hex") === held.digest("hex");
}

/** The file without its first and its last line. */
async function* linesOf(file: string, bytes: number): AsyncGenerator<Buffer> {
  const head = await read(file, 0, 1_000);
  const tail = await read(file, Math.max(0, bytes - 1_000), bytes - 1);
  const from = head.indexOf(10) + 1;
  const to = bytes - (tail.length - tail.subarray(0, -1).lastIndexOf(10) - 1) - 1;
  yield* createReadStream(file, { start: from, end: to, highWaterMark: 1 << 20 });
}

async function read(file: string, start: number, end: number): Promise<Buffer> {
  return Buffer.concat(await createReadStream(file, { start, end }).toArray());
}

async function drop(server: URL, urls: string[]): Promise<void> {
  const admin = new pg.Client(server.href);
  await admin.connect();
  for (const url of urls) await admin.query(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  await admin.end();
}
