import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet, consoleDatabase } from "../fleet.ts";
import { requestCancel } from "../jobs/cancel.ts";
import { isOver, type JobView } from "../jobs/contract.ts";
import { readJob } from "../jobs/read.ts";
import { type Working, work } from "../jobs/work.ts";
import { systemActor } from "../mint.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { openBackup } from "./download.ts";
import { backupJobs } from "./jobs.ts";
import { backupOverview } from "./overview.ts";
import { listBackups, readBackup } from "./read.ts";
import { runBackup } from "./run.ts";
import { sweep } from "./sweep.ts";
import { toolsFor } from "./tools.ts";
import { verifyBackup } from "./verify.ts";

// Each dump is a process, and so is each restore.

const system = systemActor("test");
let administrator: Awaited<ReturnType<typeof person>>["actor"];
let support: typeof administrator;
let url: string;
let databaseId: string;
let folder: string;
let working: Working;

beforeAll(async () => {
  // Before the configuration is parsed, which happens once.
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-backups-"));
  folder = join(process.env.CARETAKER_DATA, "backups");
  await freshControl();
  administrator = (await person("administrator")).actor;
  support = (await person("support")).actor;
  url = await freshDatabase();
  databaseId = await registerDatabase(url);
  await sql(
    url,
    `CREATE TABLE orders (id integer PRIMARY KEY, note text NOT NULL);
     CREATE TABLE "Order Lines" ("orderId" integer REFERENCES orders, line text);
     INSERT INTO orders SELECT n, md5(n::text) FROM generate_series(1, 20000) AS n;
     INSERT INTO "Order Lines" SELECT n, repeat(md5(n::text), 4) FROM generate_series(1, 20000) AS n`,
  );
  working = work(backupJobs, { log: pino({ level: "silent" }), pollMs: 50 });
});
afterAll(async () => {
  await working.stop();
  await closeFleet();
  await closeControl();
  await rm(join(folder, ".."), { recursive: true });
});

async function sql<Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> {
  const client = new pg.Client(database);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function over(jobId: string): Promise<JobView> {
  for (;;) {
    const job = await readJob(system, jobId);
    if (isOver(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function goodBackup(): Promise<string> {
  const { jobId } = await runBackup(administrator, { databaseId });
  expect(await over(jobId)).toMatchObject({ state: "done", error: null });
  return jobId;
}

async function flipBit(file: string): Promise<void> {
  const handle = await open(join(folder, file), "r+");
  const byte = Buffer.alloc(1);
  const at = Math.floor((await handle.stat()).size / 2);
  await handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

describe("a backup", () => {
  test("restores to what was there, with the roles beside it, readable by its owner alone", async () => {
    const id = await goodBackup();
    const backup = await readBackup(support, id);
    expect(backup).toMatchObject({ state: "good", tables: 2, globals: true, globalsNote: null });
    expect(backup.bytes).toBe(String((await stat(join(folder, backup.file))).size));
    expect((await stat(join(folder, backup.file))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const roles = await readFile(join(folder, backup.file.replace(".dump", ".globals.sql")), "utf8");
    expect(roles).toContain("CREATE ROLE postgres");
    expect(roles).not.toMatch(/PASSWORD|SCRAM/);

    const target = await freshDatabase();
    const { directory } = await toolsFor(backup.serverVersion ?? "");
    const args = ["--exit-on-error", `--dbname=${target}`, join(folder, backup.file)];
    await promisify(execFile)(join(directory, "pg_restore"), args);
    const all = `SELECT md5(string_agg(o::text || l::text, '' ORDER BY o.id))
                   FROM orders AS o JOIN "Order Lines" AS l ON l."orderId" = o.id`;
    expect(await sql(target, all)).toEqual(await sql(url, all));
  });

  test("is verified, and one changed bit is detected", async () => {
    const id = await goodBackup();
    const first = await verifyBackup(administrator, { id });
    expect(await over(first.jobId)).toMatchObject({ state: "done", result: { verdict: "good" } });
    expect((await readBackup(support, id)).verifiedAt).not.toBeNull();
    await flipBit((await readBackup(support, id)).file);
    const second = await verifyBackup(administrator, { id });
    expect(await over(second.jobId)).toMatchObject({ state: "failed", error: expect.stringContaining("not what was") });
    expect(await readBackup(support, id)).toMatchObject({
      state: "damaged",
      error: expect.stringContaining("checksum"),
    });
  });

  test("whose file is gone is found missing and cannot be downloaded", async () => {
    const id = await goodBackup();
    await rm(join(folder, (await readBackup(support, id)).file));
    await expect(openBackup(administrator, { id, part: "dump" })).rejects.toMatchObject({ code: "not_found" });
    const { jobId } = await verifyBackup(administrator, { id });
    expect((await over(jobId)).state).toBe("failed");
    expect((await readBackup(support, id)).state).toBe("missing");
  });

  test("is handed out only with a record of who took it", async () => {
    const id = await goodBackup();
    const opened = await openBackup(administrator, { id, part: "dump" });
    expect((await opened.handle.readFile()).length).toBe(opened.bytes);
    await opened.handle.close();
    const { rows } = await controlPool().query(
      "SELECT user_id, metadata FROM caretaker.audit_logs WHERE action = 'download' AND resource_id = $1",
      [id],
    );
    expect(rows).toMatchObject([{ user_id: administrator.staffId, metadata: { part: "dump", file: opened.file } }]);
    await expect(openBackup(support, { id, part: "dump" })).rejects.toMatchObject({ code: "forbidden" });
  });

  test("of the console's own database can be made", async () => {
    const { jobId } = await runBackup(administrator, { databaseId: consoleDatabase });
    expect((await over(jobId)).state).toBe("done");
  });

  test("is run by those who may, one at a time, and leaves its trace in the audit log", async () => {
    await expect(runBackup(support, { databaseId })).rejects.toMatchObject({ code: "forbidden" });
    const twice = await Promise.allSettled([1, 2].map(() => runBackup(administrator, { databaseId })));
    const [made] = twice.flatMap((one) => (one.status === "fulfilled" ? [one.value.jobId] : []));
    expect(twice.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await over(made ?? "")).state).toBe("done");
    const { rows } = await controlPool().query(
      "SELECT action, user_id FROM caretaker.audit_logs WHERE resource_type = 'backups' AND resource_id = $1 ORDER BY id",
      [made],
    );
    expect(rows).toEqual([
      { action: "create", user_id: administrator.staffId },
      { action: "update", user_id: administrator.staffId },
    ]);
  });
});

describe("a backup that comes to nothing", () => {
  test("says which privilege is missing, and leaves no file", async () => {
    const role = `reader_${databaseId.slice(0, 8)}`;
    await sql(url, `CREATE ROLE ${role} LOGIN PASSWORD 'reader'; REVOKE ALL ON orders FROM PUBLIC`);
    const limited = new URL(url);
    limited.username = role;
    limited.password = "reader";
    const id = await registerDatabase(limited.href);
    const before = await readdir(folder);
    const { jobId } = await runBackup(administrator, { databaseId: id });
    const job = await over(jobId);
    expect(job).toMatchObject({
      state: "failed",
      error: expect.stringContaining(`GRANT pg_read_all_data TO "${role}"`),
    });
    expect(await readdir(folder)).toEqual(before);
    expect(await readBackup(support, jobId)).toMatchObject({ state: "failed", error: job.error });
  });

  test("because it was cancelled is recorded as failed and leaves no file", async () => {
    await sql(url, "CREATE TABLE slow AS SELECT n, gen_random_uuid() FROM generate_series(1, 800000) AS n");
    const before = await readdir(folder);
    const { jobId } = await runBackup(administrator, { databaseId });
    while ((await readdir(folder)).length === before.length) await new Promise((resolve) => setTimeout(resolve, 5));
    await requestCancel(administrator, jobId);
    working.wake(jobId);
    expect((await over(jobId)).state).toBe("cancelled");
    expect(await readdir(folder)).toEqual(before);
    expect(await readBackup(support, jobId)).toMatchObject({ state: "failed", error: "It was cancelled." });
    await sweep(system);
    const { rows } = await controlPool().query("SELECT state FROM backups WHERE id = $1", [jobId]);
    expect(rows).toEqual([{ state: "failed" }]);
    await sql(url, "DROP TABLE slow");
  });

  test("leaves a part that is swept, while whole files stay, also those that no record names", async () => {
    await goodBackup();
    const old = new Date(Date.now() - 7_200_000);
    // As after the control database was restored from before that backup.
    const unknown = ["other_20261122T101500Z_1a2b3c4d.dump", "other_20261122T101500Z_1a2b3c4d.globals.sql"];
    for (const name of unknown) await writeFile(join(folder, name), "whole");
    const before = await readdir(folder);
    const left = ["app_x_1.dump.part", "app_x_1.globals.sql.part", "0f8fad5b-d9cb-469f-a165-70867728950e.pem"];
    for (const name of left) await writeFile(join(folder, name), "half");
    for (const name of await readdir(folder)) await utimes(join(folder, name), old, old);
    await writeFile(join(folder, "app_x_3.dump.part"), "being written now");
    expect((await sweep(system)).removed.sort()).toEqual(left.sort());
    await rm(join(folder, "app_x_3.dump.part"));
    expect(await readdir(folder)).toEqual(before);
    for (const name of unknown) await rm(join(folder, name));
  });

  test("after its dump was whole leaves files that are swept, and none of them before it has come to nothing", async () => {
    const old = new Date(Date.now() - 7_200_000);
    const [file, globals, waiting] = ["half_1.dump", "half_1.globals.sql", "half_2.dump.part"];
    for (const name of [file, globals, waiting]) await writeFile(join(folder, name), "whole");
    for (const name of [file, globals, waiting]) await utimes(join(folder, name), old, old);
    const running = await cutOff("half_1.dump");
    await cutOff("half_2.dump");
    expect((await sweep(system)).removed).toEqual([]);
    await controlPool().query("UPDATE jobs SET state = 'failed', finished_at = now() WHERE id = $1", [running]);
    expect((await sweep(system)).removed.sort()).toEqual([file, globals]);
    await controlPool().query("UPDATE jobs SET state = 'failed', finished_at = now() WHERE kind = 'test.cut-off'");
    expect((await sweep(system)).removed).toEqual([waiting]);
  });
});

/** A backup whose worker was killed once its dump was whole. */
async function cutOff(file: string): Promise<string> {
  const { rows } = await controlPool().query<{ id: string }>(
    `WITH job AS (
       INSERT INTO jobs (kind, input, title, state, actor_name, capabilities, request_id, lease_until)
       VALUES ('test.cut-off', '{}', 'Cut off', 'running', 'test', '{}', 'test', now() + interval '1 hour') RETURNING id
     ), receipt AS (
       INSERT INTO job_receipts (job_id, step, lease_epoch, receipt)
       SELECT id, 'Dump', 0, jsonb_build_object('file', $1::text) FROM job
     )
     INSERT INTO backups (id, database_id, database_name, job_id, state, file)
     SELECT id, 'cut-off', 'cut-off', id, 'running', '' FROM job RETURNING id`,
    [file],
  );
  return rows[0]?.id ?? "";
}

test("the overview answers by the age of the last good backup", async () => {
  const none = await registerDatabase(await freshDatabase());
  const old = await registerDatabase(await freshDatabase());
  const { jobId } = await runBackup(administrator, { databaseId: old });
  await over(jobId);
  await controlPool().query("UPDATE backups SET started_at = now() - interval '25 hours' WHERE id = $1", [jobId]);
  const { databases, silent } = await backupOverview(support);
  const standing = (id: string) => databases.find((one) => one.databaseId === id)?.standing;
  expect([standing(databaseId), standing(old), standing(none)]).toEqual(["good", "old", "none"]);
  expect(silent).toEqual([]);
});

test("a list of backups pages without overlap", async () => {
  await controlPool().query(
    `INSERT INTO backups (database_id, database_name, state, file, sha256, started_at)
     SELECT 'paged', 'paged', 'good', n || '.dump', 'x', now() - n * interval '1 minute' FROM generate_series(1, 60) AS n`,
  );
  const one = await listBackups(support, { database: "paged" });
  const two = await listBackups(support, { database: "paged", cursor: one.next ?? "" });
  const files = [...one.rows, ...two.rows].map((backup) => backup.file);
  expect(files).toEqual(Array.from({ length: 60 }, (_, n) => `${n + 1}.dump`));
});

test("a server newer than every pg_dump here is refused with what to install", async () => {
  await expect(toolsFor("99.1")).rejects.toMatchObject({
    code: "unsupported",
    fix: expect.stringContaining("postgresql-client-99"),
  });
});
