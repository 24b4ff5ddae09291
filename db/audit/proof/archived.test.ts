import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { closeControl, control, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { objectStore } from "../../objects/configured.ts";
import { digestFile } from "../../objects/digest.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { aloneWithMonth } from "../archive/alone.ts";
import { archiveOf, replaceArchive } from "../archive/registry.ts";
import { rewriteMonth } from "../archive/rewrite-month.ts";
import { fillMonth } from "../archive/testing/month.ts";
import { moveMonth } from "../archive/testing/move.ts";
import { manifestKeyOf } from "../archive/write-month.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { planEpoch } from "./epoch-plan.ts";
import { sealLog } from "./seal.ts";
import { verifyLog } from "./verify-log.ts";

// Months are written and read back.

const [month, hotMonth] = ["2026-01", "2026-02"];
const rows = 700;
const signal = new AbortController().signal;
let folder: string;
let admin: Person;
let app: Adopted;
/** The archived entries, in the order of the tree. */
let ids: string[];

const verify = () => verifyLog(admin.actor, app.id);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-proof-cold-"));
  process.env.CARETAKER_DATA = folder;
  await freshControl();
  admin = await person("administrator", "Ada");
});

beforeEach(async () => {
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  for (const one of [month, hotMonth]) await fillMonth(app.client, one, rows);
  const { rows: found } = await app.client.query<{ id: string }>(
    `SELECT id::text FROM caretaker.audit_logs WHERE created_at < '2026-02-01' ORDER BY transaction_id, audit_logs.id`,
  );
  ids = found.map(({ id }) => id);
  // Only transactions that are over are sealed, and those that the months' entries name may not have been yet.
  await app.client.query("DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < 2000 LOOP COMMIT; END LOOP; END $$");
  await sealLog(admin.actor, app.id, { seconds: 0 });
  expect(await moveMonth(admin.actor, "audit.archive", app.id, month)).toMatchObject({ state: "done" });
  return () => app.client.end();
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true });
});

async function archived() {
  const archive = await archiveOf(app.id, month);
  if (!archive) throw new Error("The month is not archived.");
  return archive;
}

/** As the owner of the store and of the control database would: another file in the place of the month's, and the registry says so. */
async function replaceFile(select: string): Promise<void> {
  const archive = await archived();
  const source = await coldFile(archive, signal);
  const made = join(folder, "made.parquet");
  await withDuck({ memory: "256MB", threads: 1, signal }, (duck) =>
    duck.run(
      `COPY (${select.replaceAll("$file", `read_parquet(${quoted(source)})`)}) TO ${quoted(made)} (FORMAT parquet)`,
    ),
  );
  const { sha256, bytes } = await digestFile(made);
  const key = archive.key.replace(archive.sha256, sha256);
  await objectStore().put(key, made);
  await controlPool().query("UPDATE audit_archives SET key = $2, sha256 = $3, bytes = $4 WHERE id = $1", [
    archive.id,
    key,
    sha256,
    bytes,
  ]);
}

describe("an archived month", () => {
  test("is compared with the tree like the months that stayed", async () => {
    expect(await verify()).toMatchObject({
      verdict: "good",
      size: 2 * rows,
      entries: rows,
      archived: rows,
      findings: [],
    });
  });

  test("is compared once when it was brought back", async () => {
    await moveMonth(admin.actor, "audit.return", app.id, month);
    expect(await verify()).toMatchObject({ verdict: "good", entries: 2 * rows, archived: 0 });
  });

  test("is not counted as lost where the database was put back to a backup", async () => {
    // An entry of before it that stays in PostgreSQL and is sealed after it, so that it lies among those that are there.
    await fillMonth(app.client, "2025-12", 20);
    await sealLog(admin.actor, app.id, { seconds: 0 });
    await controlPool().query("UPDATE sealed_logs SET stopped = 'It was put back.' WHERE database_id = $1", [app.id]);
    expect(await planEpoch(admin.actor, { databaseId: app.id })).toMatchObject({ lost: 0 });
  });

  test("that is being moved is waited for, so that it is read in one place", async () => {
    const job = passing("x", admin.actor, signal, pino({ level: "silent" }));
    let moved = false;
    const moving = aloneWithMonth(job, { databaseId: app.id, month }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      moved = true;
    });
    await vi.waitUntil(async () => {
      const { rowCount } = await controlPool().query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted");
      return rowCount;
    });
    expect(await verify()).toMatchObject({ verdict: "good", archived: rows });
    expect(moved).toBe(true);
    await moving;
  });

  test("in which a value was changed is found out, and the entry named", async () => {
    const id = ids[300] ?? "";
    await replaceFile(
      `SELECT * REPLACE (CASE WHEN id = ${id} THEN 'somebody-else' ELSE user_id END AS user_id) FROM $file`,
    );
    expect(await verify()).toMatchObject({
      verdict: "bad",
      findingCount: 1,
      findings: [{ kind: "changed", entry: id }],
    });
  });

  test("from which an entry was taken, or into which one was put, is found out, and the entry named", async () => {
    const [gone = "", double = ""] = [ids[10], ids[20]];
    await replaceFile(`SELECT * FROM $file WHERE id <> ${gone}
                       UNION ALL SELECT * REPLACE (id + 1 AS id, 'delete' AS action) FROM $file WHERE id = ${double}`);
    expect((await verify()).findings).toMatchObject([
      { kind: "vanished", entry: gone },
      { kind: "inserted", entry: String(BigInt(double) + 1n) },
    ]);
  });

  test("whose file was altered or removed is found out, with the first entry that can not be compared", async () => {
    const archive = await archived();
    const file = objectStore().fileOf(archive.key) ?? "";
    const [first = ""] = ids;
    await rm(file);
    await writeFile(file, "PAR1 something else PAR1");
    const damaged = {
      kind: "damaged",
      entry: first,
      message: expect.stringMatching(/^The archived month 2026-01: .*SHA-256/),
    };
    expect(await verify()).toMatchObject({ verdict: "bad", entries: rows, archived: 0, findings: [damaged] });
    await rm(file);
    expect((await verify()).findings).toMatchObject([{ kind: "damaged", entry: first }]);
  });

  test("from which retention removed entries verifies; from which somebody else did, it does not", async () => {
    const job = passing("x", admin.actor, signal, pino({ level: "silent" }));
    const archive = await archived();
    const manifest = await rewriteMonth(job, archive, async (_duck, file) => ({
      sql: `SELECT * FROM read_parquet(${quoted(file)}) WHERE resource_type <> 'session'`,
      values: [],
      why: "Entries past their time were removed.",
      check: async () => {},
    }));
    if (!manifest) throw new Error("Nothing was rewritten.");
    const registration = {
      place: archive.place,
      manifestKey: manifestKeyOf(manifest),
      jobId: archive.jobId ?? "",
      why: "",
    };
    await control().transaction((tx) => replaceArchive(tx, archive.id, manifest, registration));
    expect(await verify()).toMatchObject({ verdict: "good", archived: 525, expired: 175 });
    await replaceFile("SELECT * FROM $file WHERE resource_id <> '4'");
    const { findings } = await verify();
    expect(findings).toMatchObject([
      { kind: "vanished", message: expect.stringContaining("removed 175 of them only") },
    ]);
  });
});
