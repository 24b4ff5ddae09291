import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ExportPart, exportRequest } from "#db/audit/export/contract.ts";
import { openExport, openExportByLink } from "#db/audit/export/download.ts";
import { exportJobs } from "#db/audit/export/jobs.ts";
import { issueExportLink } from "#db/audit/export/links.ts";
import { readExport } from "#db/audit/export/list.ts";
import { requestExport } from "#db/audit/export/request.ts";
import { runExport } from "#db/audit/export/run.ts";
import { verifierLines } from "#db/audit/proof/keys.ts";
import { writeProof } from "#db/audit/proof/prove.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { NotYet } from "#db/jobs/kind.ts";
import { passing } from "#db/jobs/passing.ts";
import { readJob } from "#db/jobs/read.ts";
import { work } from "#db/jobs/work.ts";
import { staffActor } from "#db/mint.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { type Person, person } from "#db/testing/people.ts";

let folder: string;
let admin: Person;
let app: Adopted;
let working: ReturnType<typeof work>;
const silent = pino({ level: "silent" });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-with-proofs-"));
  process.env.CARETAKER_DATA = folder;
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text)");
  await app.client.query("INSERT INTO notes SELECT n, 'note ' || n FROM generate_series(1, 20) n");
  await app.client.query("DELETE FROM notes WHERE id > 15");
  working = work(exportJobs, { log: silent, pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true });
});

const nameOf = ({ url }: Adopted) => new URL(url).pathname.slice(1);
const seal = () => sealLog(admin.actor, app.id, { seconds: 0 });

async function asked(query: string, input: object = {}): Promise<string> {
  const request = exportRequest.parse({ query, format: "ndjson", withProofs: "true", ...input });
  return (await requestExport(admin.actor, request)).jobId;
}

const stateOf = async (id: string) => (await readJob(admin.actor, id)).state;

/** Whoever waits for the seal looks again at once. */
const look = (id: string) => controlPool().query("UPDATE jobs SET lease_until = now() WHERE id = $1", [id]);

async function finished(id: string): Promise<void> {
  await vi.waitFor(async () => expect(await stateOf(id)).toBe("done"), { timeout: 60_000 });
}

/** The parts as a reviewer has them after downloading, under their own names. */
async function download(id: string, ...parts: ExportPart[]): Promise<string> {
  const place = await mkdtemp(join(folder, "reviewer-"));
  for (const part of parts) {
    const { body, name } = await openExport(admin.actor, { id, part });
    await writeFile(join(place, name), body);
  }
  const { file } = await readExport(admin.actor, id);
  return join(place, file ?? "");
}

const verify = async (path: string) =>
  promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "main.ts"),
    path,
    "--key",
    (await verifierLines())[0] ?? "",
    "--json",
  ]);

test("an export with proofs waits for the seal of what it holds, and is then proven as it was downloaded", async () => {
  const id = await asked(`database=${app.id}&q=action%3Adelete`);
  await vi.waitFor(async () => expect((await readJob(admin.actor, id)).progress?.line).toMatch(/^Waiting: /), {
    timeout: 30_000,
  });
  expect((await readExport(admin.actor, id)).state).toBe("running");
  await seal();
  await look(id);
  await finished(id);
  const path = await download(id, "data", "proof");
  expect((await readdir(join(path, ".."))).length).toBe(2);
  const { stdout } = await verify(path);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    checked: [{ database: app.id, entries: 5, filter: `database=${app.id}&q=action%3Adelete` }],
  });
  const { manifest } = await readExport(admin.actor, id);
  expect(manifest?.proof).toMatchObject({ entries: 5, file: `${manifest?.file}.proof` });
  const { url } = await issueExportLink(admin.actor, { id, hours: 1, note: "The auditor" });
  const token = new URL(url).pathname.split("/").at(-1) ?? "";
  const opened = await openExportByLink(token, "proof", { ip: null, userAgent: null, requestId: "r" });
  expect(opened).toMatchObject({ name: manifest?.proof?.file, sha256: manifest?.proof?.sha256 });
  expect(await readdir(join(folder, "exports"))).toEqual([]);
});

test("a changed byte of what was downloaded is found, and one without proofs has none to download", async () => {
  await seal();
  const id = await asked(`database=${app.id}`);
  await finished(id);
  const path = await download(id, "data", "proof");
  const { body } = await openExport(admin.actor, { id, part: "data" });
  const text = Buffer.concat(await Array.fromAsync(body)).toString();
  await writeFile(path, text.replace("note 7", "note 8"));
  await expect(verify(path)).rejects.toMatchObject({ code: 1 });
  const without = await asked(`database=${app.id}`, { withProofs: "false" });
  await finished(without);
  await expect(openExport(admin.actor, { id: without, part: "proof" })).rejects.toMatchObject({ code: "not_found" });
});

test("a database that nothing is sealed of does not stand in the way when the export holds nothing of it", async () => {
  const empty = await adoptedDatabase("");
  await seal();
  const id = await asked(`q=${encodeURIComponent(`database:${nameOf(app)},${nameOf(empty)}`)}`);
  await finished(id);
  const { stdout } = await verify(await download(id, "data", "proof"));
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, checked: [{ database: app.id, entries: 25 }] });
  await empty.client.end();
});

test("proofs are refused for what was not sealed in this form, and to who may not verify", async () => {
  for (const input of [{ format: "csv" }, { format: "parquet" }, { columns: ["action"] }])
    await expect(asked(`database=${app.id}`, input)).rejects.toMatchObject({ code: "invalid" });
  const token = staffActor({ staffId: admin.id, name: "Ada", role: "administrator", only: ["audit.export"] });
  const request = exportRequest.parse({ query: `database=${app.id}`, format: "ndjson", withProofs: true });
  await expect(requestExport(token, request)).rejects.toMatchObject({ code: "forbidden" });
});

test("the NDJSON beside a CSV file is on record too, and can be proven afterwards", async () => {
  await seal();
  const id = await asked(`database=${app.id}`, { format: "csv", withNdjson: "true", withProofs: "false" });
  await finished(id);
  const { manifest } = await readExport(admin.actor, id);
  const csv = await download(id, "ndjson");
  const lines = join(csv, "..", manifest?.beside?.file ?? "");
  expect(await writeProof(admin.actor, { lines, target: `${lines}.proof` })).toMatchObject({ recorded: { id } });
  expect(JSON.parse((await verify(lines)).stdout)).toMatchObject({ ok: true });
});

test("what is never sealed is told after a while, and is no export that passes as proven", async () => {
  await working.stop();
  await app.client.query("INSERT INTO notes VALUES (100, 'not sealed')");
  const id = await asked(`database=${app.id}`);
  const job = passing(id, admin.actor, new AbortController().signal, silent);
  const run = (since: Date) =>
    runExport.run({
      ...job,
      input: { exportId: id, withProofs: true },
      step: async (name, work) => ({ ...(await job.step(name, work)), ...(name === "Wait for the seal" && { since }) }),
    });
  await expect(run(new Date())).rejects.toBeInstanceOf(NotYet);
  await expect(run(new Date(Date.now() - 3_600_000))).rejects.toMatchObject({
    code: "conflict",
    message: "After 30 minutes: Entries of the export that are not sealed yet: 1.",
  });
  expect((await readExport(admin.actor, id)).state).not.toBe("ready");
  working = work(exportJobs, { log: silent, pollMs: 50 });
  await seal();
  await finished(id);
});
