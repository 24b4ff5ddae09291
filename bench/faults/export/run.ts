import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { exportRequest } from "#db/audit/export/contract.ts";
import { exportRow } from "#db/audit/export/record.ts";
import { requestExport } from "#db/audit/export/request.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { objectStore } from "#db/objects/configured.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import type { Tally } from "../audit/scenario.ts";
import { random } from "../random.ts";
import { idsIn, passesAsWhole } from "./check.ts";

const [points = 10, seed = 1] = process.argv.slice(2).map(Number);
const chance = random(seed);
const actor = systemActor("faults");
const tally: Tally = { points: 0, lost: 0, duplicate: 0, falseWhole: 0 };

/** A job is given up after five interruptions: fewer kills than that for each export. */
const killsEach = 3;
const slices = 6;
const entries = 5_000;

const folder = await mkdtemp(join(tmpdir(), "caretaker-faults-export-"));
process.env.CARETAKER_DATA = folder;
const controlName = new URL(await freshControl()).pathname.slice(1);
const app = await adoptedDatabase("CREATE TABLE notes (id int PRIMARY KEY)");
await fill(app);
let worker = await begin();
while (tally.points < points) await oneExport();
await end(worker);
await app.client.end();
await closeFleet();
await closeControl();
await rm(folder, { recursive: true, force: true });
console.log(JSON.stringify(tally));

/** Months that count as big, so that each is a slice. */
async function fill({ client }: Adopted): Promise<void> {
  await client.query("SELECT caretaker.ensure_partitions(1, $1)", [slices]);
  await client.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type, resource_id, new_values)
     SELECT now() - n * interval '1 month' - k * interval '1 second', n * 1000000 + k, '5', 'create', 'things', k, jsonb_build_object('k', k)
       FROM generate_series(1, $1::int) n, generate_series(1, $2::int) k`,
    [slices, entries],
  );
  await client.query("ANALYZE caretaker.audit_logs");
  await client.query(
    "UPDATE pg_class SET reltuples = 400000 WHERE relname ~ '^audit_logs_\\d{4}_\\d{2}$' AND reltuples > 100",
  );
}

async function oneExport(): Promise<void> {
  const query = `database=${app.id}`;
  const before = await idsNow();
  const format = chance() < 0.5 ? "ndjson" : "csv";
  const { jobId } = await requestExport(actor, exportRequest.parse({ query, format }));
  for (let kills = 0; kills < killsEach && tally.points < points && !(await isOver(jobId)); kills++) {
    await pause(chance() * 900);
    // Entries keep coming; those after the set was fixed do not belong to it.
    await app.client.query("SELECT caretaker.log_event('tick')");
    await kill();
    tally.points += 1;
    await expectNoFalseWhole(jobId, before);
    await patiently("UPDATE jobs SET lease_until = now() WHERE id = $1 AND state = 'running'", [jobId]);
  }
  while (!(await isOver(jobId))) {
    // What waiting would do: a job that was given back is due again after some seconds.
    await patiently("UPDATE jobs SET lease_until = now() WHERE id = $1 AND state = 'running' AND lease_owner IS NULL", [
      jobId,
    ]);
    await pause(50);
  }
  const text = await finished(jobId);
  if (text === null) {
    tally.lost += before.length;
    return;
  }
  count(idsIn(text), before, await idsNow());
  cutDownload(text);
}

/** One time in three the worker, else its connections to either database, as a server that crashes ends them. */
async function kill(): Promise<void> {
  const which = chance();
  if (which < 0.5) {
    await end(worker);
    worker = await begin();
    return;
  }
  const database = which < 0.75 ? controlName : new URL(app.url).pathname.slice(1);
  await app.client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = $1 AND application_name LIKE 'caretaker%' AND client_port <> ALL ($2::int[])`,
    [database, await ownPorts()],
  );
}

/** This process's own connections stay: it is the one that watches. */
async function ownPorts(): Promise<number[]> {
  const { rows } = await controlPool().query<{ port: number }>("SELECT inet_client_port() AS port");
  return rows.map(({ port }) => port);
}

async function isOver(id: string): Promise<boolean> {
  const { rows } = await patiently<{ state: string }>("SELECT state FROM jobs WHERE id = $1", [id]);
  return /done|failed|cancelled/.test(rows[0]?.state ?? "");
}

/** Whatever already stands under its final name must be all of it. */
async function expectNoFalseWhole(id: string, before: readonly string[]): Promise<void> {
  for (const { key } of await objectStore().list(`exports/${id}/`)) {
    if (key.endsWith(".manifest.json")) continue;
    const text = await readFile(objectStore().fileOf(key) ?? "", "utf8");
    const held = new Set(idsIn(text));
    if (!passesAsWhole(text) || before.some((one) => !held.has(one))) tally.falseWhole += 1;
  }
}

async function finished(id: string): Promise<string | null> {
  const row = await exportRow(id);
  if (row.state !== "ready") return null;
  const text = await readFile(objectStore().fileOf(row.file ?? "") ?? "", "utf8");
  if (!passesAsWhole(text)) tally.falseWhole += 1;
  return text;
}

function count(held: readonly string[], before: readonly string[], now: readonly string[]): void {
  const unique = new Set(held);
  const known = new Set(now);
  tally.duplicate += held.length - unique.size;
  tally.lost += before.filter((one) => !unique.has(one)).length;
  tally.falseWhole += held.some((one) => !known.has(one)) ? 1 : 0;
}

/** What a reader has when the web process is killed in the middle of the download. */
function cutDownload(text: string): void {
  const cut = text.slice(0, Math.floor(chance() * text.length));
  if (passesAsWhole(cut)) tally.falseWhole += 1;
}

async function idsNow(): Promise<string[]> {
  const { rows } = await app.client.query<{ id: string }>("SELECT id::text AS id FROM caretaker.audit_logs");
  return rows.map(({ id }) => id);
}

/** The watcher's own pool may lose a connection to the terminations too. */
async function patiently<T extends object>(text: string, values: unknown[]) {
  for (let tries = 0; ; tries++) {
    try {
      return await controlPool().query<T>(text, values);
    } catch (error) {
      if (tries === 5) throw error;
      await pause(100);
    }
  }
}

async function begin(): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "..", "..", "..", "db", "testing", "export-worker.ts");
  const child = spawn(process.execPath, [script], { env: process.env, stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  child.stdout.resume();
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
