import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { exportRequest } from "#db/audit/export/contract.ts";
import { exportJobs } from "#db/audit/export/jobs.ts";
import { exportRow } from "#db/audit/export/record.ts";
import { requestExport } from "#db/audit/export/request.ts";
import { verifierLines } from "#db/audit/proof/keys.ts";
import { writeProof } from "#db/audit/proof/prove.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { readJob } from "#db/jobs/read.ts";
import { work } from "#db/jobs/work.ts";
import { objectStore } from "#db/objects/configured.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { type Person, person } from "#db/testing/people.ts";

let folder: string;
let admin: Person;
let app: Adopted;
let working: ReturnType<typeof work>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-whole-way-"));
  process.env.CARETAKER_DATA = folder;
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text, price numeric)");
  await app.client.query(
    "INSERT INTO notes SELECT n, E'line\\nbreak \"é\"', 9007199254740993.10 FROM generate_series(1, 40) n",
  );
  await app.client.query("UPDATE notes SET body = NULL WHERE id <= 20");
  await app.client.query("DELETE FROM notes WHERE id > 30");
  await sealLog(admin.actor, app.id, { seconds: 0 });
  await writeFile(join(folder, "keys"), (await verifierLines()).join("\n"));
  working = work(exportJobs, { log: pino({ level: "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true });
});

/** An export as a reviewer holds it: the file that the worker wrote, with its proof beside it. */
async function delivered(query: string, name: string): Promise<string> {
  const { jobId } = await requestExport(
    admin.actor,
    exportRequest.parse({ query: `database=${app.id}&${query}`, format: "ndjson" }),
  );
  await vi.waitFor(async () => expect((await readJob(admin.actor, jobId)).state).toBe("done"), { timeout: 30_000 });
  const path = join(folder, name);
  await copyFile(objectStore().fileOf((await exportRow(jobId)).file ?? "") ?? "", path);
  await writeProof(admin.actor, { lines: path, target: `${path}.proof` });
  return path;
}

async function exportIdOf(path: string): Promise<string> {
  const [, id = ""] = /"_end":\{"export":"([^"]+)"/.exec(await readFile(path, "utf8")) ?? [];
  return id;
}

const verify = (path: string, ...more: string[]) =>
  promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "main.ts"),
    path,
    "--key",
    join(folder, "keys"),
    "--json",
    ...more,
  ]);

const linesOf = async (path: string) => (await readFile(path, "utf8")).trimEnd().split("\n").slice(0, -1);

/** Other lines under a closing line that speaks of them, and of this export. */
async function rewrite(path: string, lines: readonly string[], id: string): Promise<void> {
  const text = `${lines.join("\n")}\n`;
  const sha256 = createHash("sha256").update(text).digest("hex");
  const end = { _end: { export: id, rows: String(lines.length - 1), sha256 } };
  await writeFile(path, `${text}${JSON.stringify(end)}\n`);
}

test("what the worker exports, whole or filtered, is proven by the offline check", async () => {
  const whole = await verify(await delivered("", "whole.ndjson"));
  expect(JSON.parse(whole.stdout)).toMatchObject({
    ok: true,
    checked: [
      {
        database: app.id,
        entries: 70,
        between: 0,
        before: 0,
        after: 0,
        filter: expect.stringMatching(`^database=${app.id}`),
      },
    ],
  });
  const deletions = await verify(await delivered("q=action:delete", "deletions.ndjson"));
  expect(JSON.parse(deletions.stdout)).toMatchObject({ ok: true, checked: [{ database: app.id, entries: 10 }] });
});

test("one changed digit in an exported file is found and named", async () => {
  const path = await delivered("q=action:create", "changed.ndjson");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace("9007199254740993.10", "9007199254740993.11"));
  await expect(verify(path)).rejects.toMatchObject({ code: 1 });
});

test("an export that leaves entries of the log out says so, and what it was asked for; asked for the whole, it fails", async () => {
  const path = await delivered("q=record:3", "some.ndjson");
  const { stdout } = await verify(path);
  const [checked] = JSON.parse(stdout).checked;
  expect(checked).toMatchObject({ entries: 2, before: 2, filter: expect.stringContaining("q=record") });
  expect(checked.between).toBeGreaterThan(0);
  await expect(verify(path, "--whole")).rejects.toMatchObject({ code: 1, stdout: expect.stringMatching(/not in it/) });
  await expect(verify(await delivered("", "all.ndjson"), "--whole")).resolves.toBeDefined();
});

test("a file that lines were taken out of gets no proof, however it is closed", async () => {
  const path = await delivered("", "complete.ndjson");
  const [lines, id] = [await linesOf(path), await exportIdOf(path)];
  const prove = () => writeProof(admin.actor, { lines: path, target: `${path}.proof` });
  await rewrite(path, lines.toSpliced(20, 1), id);
  await expect(prove()).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("recorded") });
  await writeFile(path, `${lines.join("\n")}\n`);
  await expect(prove()).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("cut off") });
  await rewrite(path, lines, id);
  await writeFile(path, (await readFile(path, "utf8")).replace(`${lines[20]}\n`, ""));
  await expect(prove()).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("closing line") });
});

test("of an export that the console has no record of, nobody is told that it was asked for a part", async () => {
  const path = await delivered("", "unknown.ndjson");
  await rewrite(path, (await linesOf(path)).toSpliced(20, 1), randomUUID());
  await expect(writeProof(admin.actor, { lines: path, target: `${path}.proof` })).resolves.toMatchObject({
    recorded: null,
  });
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "main.ts"),
    path,
    "--key",
    join(folder, "keys"),
  ]);
  expect(stdout).toContain(
    "The log has 1 more between the first and the last of them, which this export does not hold",
  );
  expect(stdout).toContain("The console signed nothing of what this export was asked for");
});

test("a recorded export whose lines were put in another order is not the file that the console signed for", async () => {
  const path = await delivered("", "reordered.ndjson");
  const [lines, id] = [await linesOf(path), await exportIdOf(path)];
  await rewrite(path, [...lines.slice(0, -2), lines.at(-1) ?? "", lines.at(-2) ?? ""], id);
  await expect(verify(path)).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining("another file") });
});
