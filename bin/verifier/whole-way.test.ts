import { execFile } from "node:child_process";
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

const verify = (path: string) =>
  promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "main.ts"),
    path,
    "--key",
    join(folder, "keys"),
    "--json",
  ]);

test("what the worker exports, whole or filtered, is proven by the offline check", async () => {
  const whole = await verify(await delivered("", "whole.ndjson"));
  expect(JSON.parse(whole.stdout)).toMatchObject({
    ok: true,
    checked: [{ database: app.id, entries: 70, between: 0 }],
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
