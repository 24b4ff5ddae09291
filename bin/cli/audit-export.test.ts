import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { exportJobs } from "#db/audit/export/jobs.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { work } from "#db/jobs/work.ts";
import { systemActor } from "#db/mint.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

// Each command is a process of its own.
const patient = { timeout: 120_000 };
let app: Adopted;
let name: string;
let token: string;
let working: ReturnType<typeof work>;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-cli-export-"));
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE notes (id int PRIMARY KEY, body text)");
  name = new URL(app.url).pathname.slice(1);
  await app.client.query("INSERT INTO notes SELECT n, 'note ' || n FROM generate_series(1, 20) AS n");
  await app.client.query("DELETE FROM notes WHERE id > 15");
  token = await tokenOf("compliance", ["audit.read", "audit.export", "databases.read", "jobs.read"]);
  working = work(exportJobs, { log: pino({ enabled: false }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

const answer = z.object({ id: z.uuid(), file: z.string(), rows: z.string(), bytes: z.string(), sha256: z.string() });

test("audit export fetches the whole file with its manifest, both as the worker wrote them", patient, async () => {
  const folder = await mkdtemp(join(tmpdir(), "caretaker-cli-fetched-"));
  const output = join(folder, "deleted.ndjson");
  const given = ["audit", "export", "action:delete", "--format", "ndjson", "--database", name, "--output", output];
  const said = await json(answer, given, { token });
  const text = await readFile(output, "utf8");
  const manifest = JSON.parse(await readFile(`${output}.manifest.json`, "utf8"));
  expect(said).toMatchObject({ file: output, rows: "5", bytes: String(Buffer.byteLength(text)) });
  expect(said.sha256).toBe(createHash("sha256").update(text).digest("hex"));
  expect(manifest).toMatchObject({ export: said.id, rows: "5", sha256: said.sha256, lossless: true });
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.slice(1, -1).map((entry) => [entry.action, entry.resource_id])).toEqual(
    ["16", "17", "18", "19", "20"].map((id) => ["delete", id]),
  );
  expect(lines.at(-1)).toMatchObject({ _end: { export: said.id, rows: "5" } });
  expect((await readdir(folder)).toSorted()).toEqual(["deleted.ndjson", "deleted.ndjson.manifest.json"]);
});

test("audit export says in words what it made, and takes columns and zone for CSV", patient, async () => {
  const output = join(await mkdtemp(join(tmpdir(), "caretaker-cli-fetched-")), "all.csv");
  const csv = ["--format", "csv", "--columns", "action,resource_id", "--zone", "Asia/Kolkata", "--with-ndjson"];
  const run = await caretaker(["audit", "export", "--database", name, ...csv, "--output", output], { token });
  expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/^25 entries, .*, SHA-256 [0-9a-f]{64}, in /) });
  const [head, first] = (await readFile(output, "utf8")).split("\n");
  expect(head).toBe("id,created_at,action,resource_id,database");
  expect(await readFile(output.replace(/csv$/, "ndjson"), "utf8")).toContain('"rows":"25"');
  expect(first).toMatch(/^\d+,\d{4}-\d\d-\d\dT[\d:.]{15}\+05:30,create,1,/);
});

test("audit export fetches the proof beside the file where it was asked for", patient, async () => {
  await sealLog(systemActor("test"), app.id, { seconds: 0 });
  const output = join(await mkdtemp(join(tmpdir(), "caretaker-cli-fetched-")), "all.ndjson");
  const proving = await tokenOf("compliance", [
    "audit.read",
    "audit.export",
    "audit.verify",
    "databases.read",
    "jobs.read",
  ]);
  const given = ["audit", "export", "--format", "ndjson", "--with-proofs", "--database", name, "--output", output];
  const said = await json(answer.extend({ proof: z.string() }), given, { token: proving });
  const [head = ""] = (await readFile(said.proof, "utf8")).split("\n");
  expect(said.proof).toBe(`${output}.proof`);
  expect(JSON.parse(head)).toMatchObject({ proof: 1, database: app.id });
});

test("audit export without waiting names the job, and is refused to whoever may not export", patient, async () => {
  const quick = ["audit", "export", "--format", "parquet", "--database", name, "--no-wait"];
  const reader = await tokenOf("support", ["audit.read", "databases.read"]);
  const [queued, forbidden, wrong] = await Promise.all([
    json(z.object({ jobId: z.uuid() }), quick, { token }),
    caretaker(quick, { token: reader }),
    caretaker(["audit", "export", "--format", "xlsx"], { token }),
  ]);
  expect(queued.jobId).toBeTruthy();
  expect([forbidden.code, wrong.code]).toEqual([3, 2]);
});
