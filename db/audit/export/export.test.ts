import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { readJob } from "../../jobs/read.ts";
import { work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase, adoptTables } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl, freshDatabase } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { registerDatabase } from "../../testing/register.ts";
import { canonicalLinesSql } from "../proof/canonical.ts";
import { exportRequest } from "./contract.ts";
import { exportJobs } from "./jobs.ts";
import { exportRow } from "./record.ts";
import { requestExport } from "./request.ts";

let app: Adopted;
let admin: Awaited<ReturnType<typeof person>>;
let support: Awaited<ReturnType<typeof person>>;
let working: ReturnType<typeof work>;

const nasty = [
  "=1+1",
  "+1",
  "-1",
  "@SUM(A1)",
  "\t=1",
  "\r=1",
  "＝1",
  'quote " and, comma',
  "line\nbreak",
  "back\\slash",
  "",
  "ünï✓",
];

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-export-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  support = await person("support", "Sue");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text, n numeric)");
  for (const [at, body] of nasty.entries()) {
    await app.client.query("BEGIN");
    await app.client.query("SELECT caretaker.set_context(user_id => $1, user_agent => $1, ip_address => '10.0.0.1')", [
      body,
    ]);
    await app.client.query("INSERT INTO notes VALUES ($1, $2, 9007199254740993.10)", [at, body]);
    await app.client.query("COMMIT");
  }
  await app.client.query("UPDATE notes SET body = body || '!' WHERE id < 5");
  await app.client.query("DELETE FROM notes WHERE id = 1");
  await app.client.query("SELECT caretaker.log_event('login', 'session', 'abc')");
  working = work(exportJobs, { log: pino({ level: "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

async function exported(input: Parameters<typeof exportRequest.parse>[0]) {
  const { jobId } = await requestExport(admin.actor, exportRequest.parse(input));
  for (;;) {
    const job = await readJob(systemActor("test"), jobId);
    if (job.state === "failed") throw new Error(job.error ?? "It failed.");
    if (job.state === "done") break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const row = await exportRow(jobId);
  const path = objectStore().fileOf(row.file ?? "") ?? "";
  const manifest = JSON.parse(await readFile(objectStore().fileOf(row.manifestFile ?? "") ?? "", "utf8"));
  return { row, path, manifest, text: row.format === "parquet" ? "" : await readFile(path, "utf8") };
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const ofApp = () => `database=${app.id}`;

describe("an export", () => {
  test("as NDJSON is, byte for byte, the canonical lines of the log, with a closing line that proves it whole", async () => {
    const { text, manifest } = await exported({ query: ofApp(), format: "ndjson" });
    const { rows } = await app.client.query<{ line: string }>(
      canonicalLinesSql("caretaker.audit_logs ORDER BY created_at, audit_logs.id"),
    );
    const lines = text.split("\n");
    expect(lines.pop()).toBe("");
    const end = lines.pop() ?? "";
    const head = lines.shift() ?? "";
    expect(JSON.parse(head)._database.id).toBe(app.id);
    expect(lines).toEqual(rows.map(({ line }) => line));
    expect(JSON.parse(end)._end).toEqual({
      export: manifest.export,
      rows: String(rows.length),
      sha256: sha256(text.slice(0, text.length - end.length - 1)),
    });
    expect(manifest).toMatchObject({ rows: String(rows.length), sha256: sha256(text), lossless: true });
    expect(manifest.databases).toEqual([
      expect.objectContaining({
        id: app.id,
        rows: String(rows.length),
        first: expect.objectContaining({ id: JSON.parse(lines[0] ?? "").id }),
        last: expect.objectContaining({ id: JSON.parse(lines.at(-1) ?? "").id }),
      }),
    ]);
  });

  test("as CSV lets no cell begin like a formula, keeps NULL and empty apart and prints the zone that was asked", async () => {
    const { text } = await exported({ query: ofApp(), format: "csv", zone: "Asia/Kolkata" });
    const records = parseCsv(text);
    const [head = [], ...rows] = records;
    const end = rows.pop();
    expect(head.slice(0, 3)).toEqual(["id", "created_at", "transaction_id"]);
    expect(rows.every((row) => row.length === head.length)).toBe(true);
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell))).toEqual([]);
    expect(rows.map((row) => row[head.indexOf("user_id")])).toContain("'=1+1");
    expect(rows[0]?.[head.indexOf("created_at")]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+05:30$/);
    expect(end).toHaveLength(head.length);
    const before = text.slice(0, text.lastIndexOf("#end"));
    expect(end?.[0]).toMatch(new RegExp(`^#end export=[0-9a-f-]{36} rows=${rows.length} sha256=${sha256(before)}$`));
  });

  test("as CSV lets no database's name begin like a formula", async () => {
    const url = new URL(await freshDatabase());
    await app.client.query(`ALTER DATABASE ${url.pathname.slice(1)} RENAME TO "=1+1"`);
    url.pathname = "/=1+1";
    const odd = await adoptTables(url.href, await registerDatabase(url.href), "", {});
    await odd.client.query("SELECT caretaker.log_event('login', 'session', 'abc')");
    const { text } = await exported({ query: `database=${odd.id}`, format: "csv" });
    expect(parseCsv(text)[1]?.at(-1)).toBe("'=1+1");
    await odd.client.end();
  });

  test("as CSV is in the order of the moments, also in the hour that a zone has twice", async () => {
    const night = await adoptedDatabase("");
    await night.client.query(
      `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action)
       VALUES ('2026-10-25T00:30:00Z', 1, '5', 'summer'), ('2026-10-25T01:15:00Z', 2, '5', 'winter')`,
    );
    const { text } = await exported({ query: `database=${night.id}`, format: "csv", zone: "Europe/Berlin" });
    const printed = parseCsv(text).slice(1, 3);
    expect(printed.map(([, at, , action]) => [action, at?.slice(11, 16)])).toEqual([
      ["summer", "02:30"],
      ["winter", "02:15"],
    ]);
    await night.client.end();
  });

  test("holds what the filter shows and nothing else", async () => {
    const { text } = await exported({ query: `${ofApp()}&q=action%3Adelete`, format: "ndjson" });
    const entries = text.split("\n").filter((line) => line.startsWith('{"id"'));
    expect(entries.map((line) => JSON.parse(line).action)).toEqual(["delete"]);
  });

  test("with fewer columns says that it is not lossless, and always says which entry it is", async () => {
    const { text, manifest } = await exported({ query: ofApp(), format: "ndjson", columns: ["action"] });
    expect(Object.keys(JSON.parse(text.split("\n")[1] ?? ""))).toEqual(["id", "created_at", "action"]);
    expect(manifest.lossless).toBe(false);
  });

  test("as OCSF speaks of row changes as Datastore Activity and of events as API Activity", async () => {
    const { text } = await exported({ query: ofApp(), format: "ocsf" });
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.pop()._end.rows).toBe(String(events.length));
    const update = events.find(({ activity_id }) => activity_id === 2);
    expect(update).toMatchObject({
      class_uid: 6005,
      category_uid: 6,
      type_uid: 600502,
      table: { name: "notes" },
      database: { uid: app.id },
      metadata: { version: "1.3.0", uid: expect.stringContaining(`${app.id}/`) },
    });
    expect(events.find(({ class_uid }) => class_uid === 6003)).toMatchObject({
      type_uid: 600399,
      api: { operation: "login" },
    });
    expect(events.every(({ time, actor, src_endpoint }) => time > 0 && actor && src_endpoint)).toBe(true);
  });

  test("as OCSF tells what was refused or failed from what was done", async () => {
    const log = "SELECT caretaker.log_event($1, 'users', '1', $2)";
    for (const [action, metadata] of [
      ["login_refused", "{}"],
      ["payment.failed", "{}"],
      ["access-denied", "{}"],
      ["transfer", '{"outcome": "Failure"}'],
      ["transfer", '{"outcome": "success"}'],
      ["login_refused_not", "{}"],
    ]) {
      await app.client.query(log, [action, metadata]);
    }
    const { text } = await exported({ query: `${ofApp()}&q=table%3Ausers`, format: "ocsf" });
    const events = text.trimEnd().split("\n").slice(0, -1);
    const statuses = events.map((line) => JSON.parse(line)).filter(({ class_uid }) => class_uid === 6003);
    expect(statuses.slice(-6).map(({ status_id, status }) => [status_id, status])).toEqual([
      ...Array(4).fill([2, "Failure"]),
      ...Array(2).fill([1, "Success"]),
    ]);
  });

  test("as Parquet holds every value exactly, NULL and empty apart", async () => {
    const { path, manifest } = await exported({ query: ofApp(), format: "parquet" });
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT id::VARCHAR, user_id, new_values, strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') FROM '${path}'`,
    );
    const { rows } = await app.client.query({
      text: `SELECT id::text, user_id, new_values::text, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
               FROM caretaker.audit_logs ORDER BY created_at, id`,
      rowMode: "array",
    });
    expect(reader.getRows()).toEqual(rows);
    expect(manifest.rows).toBe(String(rows.length));
    connection.closeSync();
    instance.closeSync();
  });

  test("does not hold what commits after it was begun, and holds everything that had committed", async () => {
    const late = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY)");
    const other = await adoptedClient(late.url);
    await other.query("BEGIN; INSERT INTO t VALUES (1)");
    await late.client.query("INSERT INTO t VALUES (2)");
    const { text } = await exported({ query: `database=${late.id}`, format: "ndjson" });
    await other.query("COMMIT");
    await other.end();
    const { text: after } = await exported({ query: `database=${late.id}`, format: "ndjson" });
    const records = (all: string) =>
      all.split("\n").flatMap((line) => (line.startsWith('{"id"') ? [JSON.parse(line).resource_id] : []));
    expect(records(text)).toEqual(["2"]);
    expect(records(after).toSorted()).toEqual(["1", "2"]);
    await late.client.end();
  });

  test("is an entry of the log when it is asked for and when it is complete", async () => {
    const from = await newestEntry();
    await exported({ query: `${ofApp()}&q=action%3Adelete`, format: "csv" });
    const acts = (await auditedSince(from)).filter(({ table }) => table === "audit_exports");
    expect(acts.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["create", "export-requested", "update", "export-completed"]),
    );
    expect(acts.every(({ by }) => by === admin.id)).toBe(true);
  });

  test("is refused to who may only read, and for a filter that cannot be read", async () => {
    const request = exportRequest.parse({ format: "csv" });
    await expect(requestExport(support.actor, request)).rejects.toMatchObject({ code: "forbidden" });
    await expect(requestExport(admin.actor, { ...request, query: "q=nonsense%3A%3A" })).rejects.toMatchObject({
      code: "invalid",
    });
    const { rowCount } = await controlPool().query("SELECT FROM audit_exports WHERE query LIKE '%nonsense%'");
    expect(rowCount).toBe(0);
  });
});

async function adoptedClient(url: string) {
  const { default: pg } = await import("pg");
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

/** By Python's csv module: a reader that nobody here wrote. */
function parseCsv(text: string): string[][] {
  const script = "import csv, json, sys; print(json.dumps(list(csv.reader(sys.stdin))))";
  return JSON.parse(
    execFileSync(
      "python3",
      ["-c", `import io, sys; sys.stdin = io.TextIOWrapper(sys.stdin.buffer, 'utf-8', newline='')\n${script}`],
      { input: text },
    ).toString(),
  );
}
