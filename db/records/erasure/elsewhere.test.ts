import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finishJob, moveMonth } from "../../audit/archive/testing/move.ts";
import { moveToPast } from "../../audit/archive/testing/past.ts";
import { exportRequest } from "../../audit/export/contract.ts";
import { exportJobs } from "../../audit/export/jobs.ts";
import { exportRow } from "../../audit/export/record.ts";
import { requestExport } from "../../audit/export/request.ts";
import { readValues } from "../../audit/proof/read-values.ts";
import { sealLog } from "../../audit/proof/seal.ts";
import { verifyLog } from "../../audit/proof/verify-log.ts";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { exportAccess } from "./access/export.ts";
import { openCertificate } from "./certificate.ts";
import { accessExportInput } from "./contract.ts";
import { eraseRows } from "./job/erase.ts";
import { readErasure } from "./list.ts";
import { agree, confirmPersonal, item, planOf, runJob, search } from "./testing/erasing.ts";

// Months are archived, and files are read from end to end.

const month = "2026-02";
let admin: Person;
let officer: Person;
let db: Adopted;
let erasure: string;
const exports: Record<string, string> = {};

/** The archived months and exports of the database, as far as their files can be read as text. */
async function stored(prefix: string): Promise<string[]> {
  return (await objectStore().list(prefix)).map(({ key }) => key);
}

async function exported(format: string, q: string): Promise<string> {
  const columns = ["id", "created_at", "old_values", "new_values", "changes"];
  const { jobId } = await requestExport(
    admin.actor,
    exportRequest.parse({ format, query: `database=${db.id}&q=${encodeURIComponent(q)}`, columns }),
  );
  expect(await finishJob(admin.actor, jobId, exportJobs)).toMatchObject({ state: "done" });
  return jobId;
}

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-erasure-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(
    `CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text);
     CREATE TABLE addresses (id bigint PRIMARY KEY, person bigint REFERENCES users, street text);
     CREATE TABLE notes (id bigint PRIMARY KEY, body text);`,
  );
  await confirmPersonal(db.id, "public.users.email", "public.users.name", "public.addresses.street");
  await db.client.query(`
    INSERT INTO users VALUES (1, 'first@example.com', 'Grace'), (2, 'alan@example.com', 'Alan');
    UPDATE users SET email = 'grace@example.com' WHERE id = 1;
    INSERT INTO addresses VALUES (1, 1, 'Gone Street 5'), (2, 2, 'Alan Street');
    DELETE FROM addresses WHERE id = 1;
    INSERT INTO notes VALUES (1, 'grace@example.com called'), (2, 'nothing');
    DELETE FROM notes WHERE id = 1`);
  await moveToPast(db.client, month);
  await db.client.query("UPDATE users SET name = 'Grace H.' WHERE id = 1");
  await sealLog(admin.actor, db.id, { seconds: 0 });
  expect(await moveMonth(admin.actor, "audit.archive", db.id, month)).toMatchObject({ state: "done" });
  for (const format of ["ndjson", "csv", "parquet"]) exports[format] = await exported(format, "table:users record:1");
  exports.other = await exported("ndjson", "table:users record:2");
  const { id } = await search(admin.actor, db, { table: "users", record: "1", search: ["public.notes.body"] });
  erasure = id;
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

test("a person whose row is gone is found by what the log knows of it, and of what pointed at it", async () => {
  await db.client.query(
    "INSERT INTO users VALUES (9, 'gone@example.com', 'Gone'); INSERT INTO addresses VALUES (9, 9, 'Nowhere 9'); DELETE FROM addresses WHERE id = 9; DELETE FROM users WHERE id = 9; INSERT INTO notes VALUES (9, 'Ask gone@example.com')",
  );
  const { plan } = await search(admin.actor, db, { table: "users", record: "9", search: ["public.notes.body"] });
  expect(plan.items.map(({ key, method }) => [key, method])).toEqual([
    ["own public.users", "redact"],
    ["text public.notes", "redact"],
    ["log public.addresses street", "redact"],
  ]);
});

describe("a person in archived months and in exports", () => {
  test("is found there: entries of rows that are gone, by key and by word, and every file that names them", async () => {
    const plan = await planOf(admin.actor, erasure);
    expect(plan.terms).toEqual(["first@example.com", "grace@example.com"]);
    expect(item(plan, "own public.users")).toMatchObject({ method: "redact" });
    expect(item(plan, "log public.addresses street")).toMatchObject({ count: 1 });
    expect(item(plan, "log public.notes body")).toMatchObject({ count: 1 });
    expect(
      plan.items
        .filter(({ kind }) => kind === "export")
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(["ndjson", "csv", "parquet"].map((format) => `export ${exports[format]}`).toSorted());
    expect(plan.notReached).toEqual([]);
  });

  test("is told what those months know of them", async () => {
    const { lines } = await exportAccess(admin.actor, accessExportInput.parse({ id: erasure, format: "ndjson" }));
    const copy = (await Array.fromAsync(lines)).join("");
    for (const known of ["first@example.com", "Gone Street 5", "grace@example.com called"])
      expect(copy).toContain(known);
    expect(copy).not.toContain("Alan");
    expect(copy).toMatch(/"at":"2026-02-10T00:00:\d\d/);
  });

  test("is told in order and page by page, and which month could not be read", async () => {
    const subject = { kind: "records" as const, schema: "public", table: "users", records: ["1"], columns: ["name"] };
    const read = async (atOnce: number, notReached: { where: string; why: string }[] = []) =>
      (await Array.fromAsync(readValues({ databaseId: db.id, subject }, notReached, atOnce))).flat();
    const whole = await read(100);
    expect(whole.map(({ after }) => after)).toEqual(['{"name": "Grace"}', "{}", '{"name": "Grace H."}']);
    expect(await read(1)).toEqual(whole);

    const [file = ""] = (await stored(`audit/${db.id}/${month}/`)).filter((key) => key.endsWith(".parquet"));
    const path = objectStore().fileOf(file) ?? "";
    await rename(path, `${path}.away`);
    const { lines } = await exportAccess(admin.actor, accessExportInput.parse({ id: erasure, format: "ndjson" }));
    const copy = (await Array.fromAsync(lines)).join("").trim().split("\n");
    await rename(`${path}.away`, path);
    expect(copy.join()).toContain("Grace H.");
    expect(JSON.parse(copy.at(-1) ?? "")).toMatchObject({
      kind: "end",
      unread: expect.arrayContaining([
        { where: `entries of public.users in the archived month ${month}`, why: expect.any(String) },
      ]),
    });
  });

  test("is erased there, the files go, everything still verifies, and a search finds nothing", async () => {
    const before = await stored(`audit/${db.id}/${month}/`);
    await runJob(admin.actor, eraseRows, await agree(admin, officer, erasure));
    expect(await readErasure(admin.actor, erasure)).toMatchObject({ state: "done", lastCheck: { clean: true } });
    expect(await stored(`audit/${db.id}/${month}/`)).not.toEqual(before);
    for (const format of ["ndjson", "csv", "parquet"]) {
      expect(await exportRow(exports[format] ?? "")).toMatchObject({ state: "expired" });
      expect(await stored(`exports/${exports[format]}/`)).toEqual([]);
    }
    expect(await exportRow(exports.other ?? "")).toMatchObject({ state: "ready" });
    await sealLog(admin.actor, db.id, { seconds: 0 });
    expect(await verifyLog(admin.actor, db.id)).toMatchObject({ verdict: "good" });
    const again = await search(admin.actor, db, {
      ...{ table: "users", record: "1", search: ["public.notes.body"] },
      terms: ["grace@example.com", "first@example.com"],
    });
    expect(again.plan).toMatchObject({ status: "nothing", entries: 0 });
  });

  test("has a certificate that counts them, and a record in the console's log of each file that was removed", async () => {
    const { certificate } = await readErasure(admin.actor, erasure);
    expect(await openCertificate(certificate ?? "")).toMatchObject({
      exports: 3,
      entries: expect.any(Number),
      check: { clean: true },
    });
    const { rows } = await controlPool().query(
      "SELECT resource_id FROM caretaker.audit_logs WHERE action = 'export-withdrawn' AND metadata ->> 'erasure' = $1",
      [erasure],
    );
    expect(rows).toHaveLength(3);
  });
});
