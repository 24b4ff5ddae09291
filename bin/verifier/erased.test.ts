import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonicalLinesSql } from "#db/audit/proof/canonical.ts";
import { eraseJob } from "#db/audit/proof/erase-job.ts";
import { verifierKeys, verifierLines } from "#db/audit/proof/keys.ts";
import { writeProof } from "#db/audit/proof/prove.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { agreeToErase } from "#db/audit/proof/testing/erase.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { passing } from "#db/jobs/passing.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { type Person, person } from "#db/testing/people.ts";
import { checkExport } from "./check.ts";

let folder: string;
let admin: Person;
let app: Adopted;
/** The honest export: its head, two entries of each of six records, those of record 3 erased. */
let lines: string[];

const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-erased-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  const officer = await person("compliance", "Bo");
  app = await adoptedDatabase("CREATE TABLE people (id bigint PRIMARY KEY, email text)");
  await app.client.query("INSERT INTO people SELECT n, n || '@example.com' FROM generate_series(1, 6) n");
  await app.client.query("UPDATE people SET email = 'new-' || email");
  await sealLog(admin.actor, app.id, { seconds: 0 });
  const subject = { kind: "records" as const, schema: "public", table: "people", records: ["3"], columns: ["email"] };
  const jobId = await agreeToErase(admin, officer, { databaseId: app.id, subject });
  const { rows: jobs } = await controlPool().query("SELECT input FROM jobs WHERE id = $1", [jobId]);
  const job = passing(jobId, admin.actor, new AbortController().signal, pino({ level: "silent" }));
  await eraseJob.run({ ...job, input: jobs[0].input });
  const { rows } = await app.client.query<{ line: string }>(
    canonicalLinesSql("caretaker.audit_logs WHERE resource_type = 'people' ORDER BY created_at, audit_logs.id"),
  );
  lines = [JSON.stringify({ _database: { id: app.id, name: "app" } }), ...rows.map(({ line }) => line)];
  await write("honest", lines);
  await writeProof(admin.actor, { lines: path("honest"), target: path("honest.proof") });
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true });
});

/** Closed as an honest exporter closes it, so that only the proof can tell. */
async function write(name: string, altered: readonly string[]): Promise<void> {
  const text = `${altered.join("\n")}\n`;
  const sha256 = createHash("sha256").update(text).digest("hex");
  await writeFile(path(name), `${text}${JSON.stringify({ _end: { rows: String(altered.length - 1), sha256 } })}\n`);
}

async function check(name: string, proof = "honest") {
  return checkExport({ lines: path(name), proof: path(`${proof}.proof`), keys: await verifierKeys(), previous: [] });
}

const idOf = (line: string | undefined) => /"id":"(\d+)"/.exec(line ?? "")?.[1] ?? "";
const erasedAt = () => lines.findIndex((line) => line.includes('"erased"'));

/** The honest proof, with what somebody makes of each of its lines. */
async function forge(name: string, change: (line: Record<string, unknown>) => Record<string, unknown>[]) {
  const proof = (await readFile(path("honest.proof"), "utf8")).trimEnd().split("\n");
  const changed = proof.flatMap((line) => change(JSON.parse(line))).map((line) => JSON.stringify(line));
  await writeFile(path(`${name}.proof`), `${changed.join("\n")}\n`);
}

test("entries whose values were erased are counted and named, and the exit code says that their lines are not proven", async () => {
  const at = erasedAt();
  expect(at).toBeGreaterThan(0);
  const [checked] = await check("honest");
  expect(checked).toMatchObject({ entries: 12, erased: 2 });
  expect(checked?.erasedLines[0]).toEqual({ line: at + 1, entry: idOf(lines[at]) });
  await writeFile(path("key"), (await verifierLines()).join("\n"));
  const program = [join(import.meta.dirname, "..", "verify"), path("honest"), "--key", path("key")];
  await expect(promisify(execFile)(process.execPath, program)).rejects.toMatchObject({
    code: 3,
    stdout: expect.stringMatching(
      RegExp(`^PROVEN IN PART\\.[^]*is not: line ${at + 1} \\(entry ${idOf(lines[at])}\\)`),
    ),
  });
});

test("an erased entry that is left out, doubled or given another id is found and named", async () => {
  const at = erasedAt();
  const [line = "", id] = [lines[at], idOf(lines[at])];
  await write("removed", lines.toSpliced(at, 1));
  await expect(check("removed")).rejects.toThrow(`Entry ${id} was exported and is missing`);
  await write("doubled", lines.toSpliced(at, 0, line));
  await expect(check("doubled")).rejects.toThrow(`Line ${at + 2}: entry ${id} is in the file twice`);
  await write("invented", lines.with(at, line.replace(id, String(BigInt(id) + 2n ** 40n))));
  await expect(check("invented")).rejects.toThrow(`Line ${at + 1}: entry`);
});

test("whoever writes the proof can not call an entry erased that was not", async () => {
  const { rows } = await controlPool().query<{ hashes: Buffer }>(
    "SELECT hashes FROM seal_tiles WHERE database_id = $1 AND level = 0 AND index = 0",
    [app.id],
  );
  const take = (base64: unknown, width: number) => {
    const bytes = Buffer.from(String(base64), "base64");
    return [bytes.subarray(0, width).toString("base64"), bytes.subarray(width).toString("base64")] as const;
  };
  const called = (line: Record<string, unknown>) => {
    if (!Array.isArray(line.places)) return [line];
    const [place, ...places] = line.places;
    const [[id, ids], [, salts], [, marks]] = [take(line.ids, 8), take(line.salts, 32), take(line.marks, 4)];
    const leaves = rows[0]?.hashes.subarray(place * 32, (place + 1) * 32).toString("base64");
    return [
      { tile: line.tile, places, salts, ids, marks },
      { tile: line.tile, erased: [place], leaves, ids: id },
    ];
  };
  await write("altered", lines.with(1, (lines[1] ?? "").replace("1@example.com", "0@example.com")));
  await expect(check("altered")).rejects.toThrow(`Line 2: entry ${idOf(lines[1])} is not what was sealed`);
  await forge("called", called);
  await expect(check("altered", "called")).rejects.toThrow("calls 3 entries erased, and the console signed 2");
  await forge("unsigned", (line) => ("statement" in line ? [] : called(line)));
  await expect(check("altered", "unsigned")).rejects.toThrow("brings no signature of the console");
  await forge("moved", (line) =>
    "statement" in line ? [{ statement: String(line.statement).replace(/"list":"./, '"list":"_') }] : [line],
  );
  await expect(check("honest", "moved")).rejects.toThrow("What the console signed about the proof is not valid");
});
