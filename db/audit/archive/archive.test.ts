import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { closeControl, control, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { enqueue } from "../../jobs/enqueue.ts";
import { passing } from "../../jobs/passing.ts";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { auditArchives, retentionRules } from "../../schema/retention.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { registerDatabase } from "../../testing/register.ts";
import { aloneWithMonth } from "./alone.ts";
import { archiveMonth } from "./archive-month.ts";
import { detachMonth } from "./attach.ts";
import { dueArchives } from "./due.ts";
import { manifestOf } from "./manifest.ts";
import { archiveOf, replaceArchive } from "./registry.ts";
import { returnMonth } from "./return-month.ts";
import { standingOf } from "./standing.ts";
import { startArchive, startReturn } from "./start.ts";
import { fillMonth } from "./testing/month.ts";
import { over } from "./testing/over.ts";

// Whole months are written, read and compared.

const month = "2026-01";
const rows = 2_000;
const system = systemActor("test");
let app: Adopted;
let administrator: Person;
let support: Person;
let working: Working;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-archive-"));
  await freshControl();
  administrator = await person("administrator");
  support = await person("support");
  working = work([archiveMonth, returnMonth], { log: pino({ level: "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

beforeEach(async () => {
  await app?.client.end();
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  await fillMonth(app.client, month, rows);
});

const setHot = (hotMonths: number) =>
  control().insert(retentionRules).values({ databaseId: app.id, keepMonths: 84, hotMonths, reason: "a test" });

const run = async (kind: string) =>
  over(system, await enqueue(system, { kind, title: "A month", input: { databaseId: app.id, month } }));

const log = async (): Promise<string[]> =>
  (
    await app.client.query<{ line: string }>(
      `SELECT log::text AS line FROM caretaker.audit_logs AS log
        WHERE created_at < '2026-02-01' ORDER BY created_at, id`,
    )
  ).rows.map(({ line }) => line);

describe("archiving a month", () => {
  test("stores every entry, verifies it and only then drops the partition", async () => {
    const before = await log();
    expect(before).toHaveLength(rows);
    expect(await run("audit.archive")).toMatchObject({ state: "done", result: { archived: true, rows: String(rows) } });
    expect(await log()).toEqual([]);
    expect(await standingOf(app.client, month)).toBe("gone");
    const archive = await archiveOf(app.id, month);
    expect(archive).toMatchObject({ state: "cold", rows: BigInt(rows) });
    const [first, last] = [before[0] ?? "", before.at(-1) ?? ""].map((line) => line.split(",")[1]);
    expect(archive?.manifest).toMatchObject({ rows: String(rows), firstId: first, lastId: last, month });
    const { rows: events } = await app.client.query(
      "SELECT metadata ->> 'sha256' AS sha256 FROM caretaker.audit_logs WHERE action = 'archive' AND resource_id = $1",
      [month],
    );
    expect(events).toEqual([{ sha256: archive?.sha256 }]);
  });

  test("and bringing it back gives the same entries, byte for byte, whatever the database's time zone", async () => {
    const { rows: named } = await app.client.query<{ name: string }>("SELECT current_database() AS name");
    await app.client.query(`ALTER DATABASE ${named[0]?.name} SET TimeZone = 'Asia/Kolkata'`);
    const before = await log();
    await run("audit.archive");
    expect(await run("audit.return")).toMatchObject({ state: "done" });
    expect(await log()).toEqual(before);
    const remove = app.client.query("DELETE FROM caretaker.audit_logs WHERE created_at < '2026-02-01'");
    await expect(remove).rejects.toThrow("append-only");
    await expect(app.client.query("TRUNCATE caretaker.audit_logs_2026_01")).rejects.toThrow("append-only");
  });

  test("a second time reuses the stored file when nothing changed", async () => {
    await run("audit.archive");
    await run("audit.return");
    const first = await archiveOf(app.id, month);
    await run("audit.archive");
    expect(await archiveOf(app.id, month)).toMatchObject({ id: first?.id, state: "cold", hotUntil: null });
    const parquet = (await objectStore().list(`audit/${app.id}/`)).filter(({ key }) => key.endsWith(".parquet"));
    expect(parquet).toHaveLength(1);
  });

  test("drops nothing when the stored file is not what was put there", async () => {
    await run("audit.archive");
    await run("audit.return");
    const archive = await archiveOf(app.id, month);
    const file = objectStore().fileOf(archive?.key ?? "") ?? "";
    const bytes = await readFile(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect(await run("audit.archive")).toMatchObject({ state: "failed", error: expect.stringContaining("SHA-256") });
    expect(await log()).toHaveLength(rows);
  });

  test("takes entries that arrived after it was stored into another round", async () => {
    await run("audit.archive");
    await run("audit.return");
    await app.client.query(
      `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action) VALUES ('2026-01-31 23:59', 1, '7', 'late')`,
    );
    expect(await run("audit.archive")).toMatchObject({ state: "done", result: { rows: String(rows + 1) } });
    const states = await control().select({ state: auditArchives.state, rows: auditArchives.rows }).from(auditArchives);
    expect(states).toContainEqual({ state: "replaced", rows: BigInt(rows) });
  });

  test("removes the files of rounds and attempts before it, and none that is not known", async () => {
    await run("audit.archive");
    await run("audit.return");
    const first = await archiveOf(app.id, month);
    // Of another console, or of this one before it was restored from an older backup.
    const unknown = `audit/${app.id}/${month}/${"e".repeat(64)}.parquet`;
    const cutOff = `audit/${app.id}/${month}/${"f".repeat(64)}.parquet`;
    for (const key of [unknown, cutOff]) await objectStore().putText(key, "entries");
    await controlPool().query(
      `INSERT INTO job_receipts (job_id, step, lease_epoch, receipt)
       VALUES ($1, 'put ' || $2, 1, jsonb_build_object('manifestKey', replace($2, '.parquet', '.json')))`,
      [first?.jobId, cutOff],
    );
    await app.client.query(
      `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action) VALUES ('2026-01-31 23:59', 1, '7', 'late')`,
    );
    await run("audit.archive");
    const now = await archiveOf(app.id, month);
    expect(now?.key).not.toBe(first?.key);
    const left = (await objectStore().list(`audit/${app.id}/`)).map(({ key }) => key);
    expect(left.sort()).toEqual([now?.key, now?.manifestKey, unknown].sort());
    const { rows: noted } = await controlPool().query("SELECT FROM job_receipts WHERE step = $1", [`put ${now?.key}`]);
    expect(noted).toHaveLength(1);
  });

  test("goes on from a partition that stands alone after a crash", async () => {
    await detachMonth(system, app.id, month, new AbortController().signal);
    expect(await standingOf(app.client, month)).toBe("alone");
    expect(await run("audit.archive")).toMatchObject({ state: "done", result: { rows: String(rows) } });
  });

  test("waits until every entry is sealed, and names the checkpoint in the manifest", async () => {
    // The month's transactions are made up; the database's own must have come as far.
    await app.client.query("DO $$ BEGIN FOR n IN 1..2000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
    await controlPool().query("INSERT INTO sealed_logs (database_id, origin, sealed_to) VALUES ($1, 'x', '1000')", [
      app.id,
    ]);
    expect(await run("audit.archive")).toMatchObject({ state: "failed", error: expect.stringContaining("sealed yet") });
    expect(await log()).toHaveLength(rows);
    const { rows: now } = await app.client.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next");
    await controlPool().query("UPDATE sealed_logs SET sealed_to = $2 WHERE database_id = $1", [app.id, now[0].next]);
    await controlPool().query(
      "INSERT INTO seal_checkpoints (database_id, size, note, root) VALUES ($1, 7, 'signed', 'root')",
      [app.id],
    );
    expect(await run("audit.archive")).toMatchObject({ state: "done" });
    expect((await archiveOf(app.id, month))?.manifest).toMatchObject({ seal: { size: 7, note: "signed" } });
  });

  test("drops nothing while sealing has stopped, or would stop: no transaction tells then what is sealed", async () => {
    const stays = async (why: string) => {
      expect(await run("audit.archive")).toMatchObject({ state: "failed", error: expect.stringContaining(why) });
      expect(await log()).toHaveLength(rows);
    };
    await controlPool().query(
      "INSERT INTO sealed_logs (database_id, origin, sealed_to) VALUES ($1, $1, '4000000000')",
      [app.id],
    );
    await stays("transactions went back");
    await controlPool().query("UPDATE sealed_logs SET stopped = 'It was restored.' WHERE database_id = $1", [app.id]);
    await stays("It was restored.");
  });

  test("is one job at a time for a month, also for jobs of several workers", async () => {
    const job = passing("x", system, new AbortController().signal, pino({ level: "silent" }));
    const seen: string[] = [];
    const first = aloneWithMonth(job, { databaseId: app.id, month }, async () => {
      seen.push("first begins");
      await vi.waitFor(() => expect(seen).toContain("other month"), { timeout: 30_000 });
      seen.push("first ends");
    });
    await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: 30_000 });
    const other = aloneWithMonth(job, { databaseId: app.id, month: "2026-02" }, async () => seen.push("other month"));
    const second = aloneWithMonth(job, { databaseId: app.id, month }, async () => seen.push("second"));
    await Promise.all([first, other, second]);
    expect(seen).toEqual(["first begins", "other month", "first ends", "second"]);
  });

  test("never lets a file that was rewritten from an older one take the place of a newer one", async () => {
    await run("audit.archive");
    const older = await archiveOf(app.id, month);
    await run("audit.return");
    await app.client.query(
      `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action) VALUES ('2026-01-31 23:59', 1, '7', 'late')`,
    );
    await run("audit.archive");
    const newer = await archiveOf(app.id, month);
    const registration = { place: "x", manifestKey: "y", jobId: newer?.jobId ?? "", why: "a test" };
    const manifest = manifestOf(JSON.parse(JSON.stringify(older?.manifest)));
    const late = control().transaction((tx) => replaceArchive(tx, older?.id ?? "", manifest, registration));
    await expect(late).rejects.toMatchObject({ code: "stale_plan" });
    expect(await archiveOf(app.id, month)).toEqual(newer);
  });

  test("refuses a log with a column that it would lose", async () => {
    await app.client.query("ALTER TABLE caretaker.audit_logs ADD COLUMN extra text");
    expect(await run("audit.archive")).toMatchObject({ state: "failed", error: expect.stringContaining("extra") });
    expect(await log()).toHaveLength(rows);
  });

  test("entries that came to an archived month meanwhile come back with it", async () => {
    await run("audit.archive");
    await app.client.query(
      `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action) VALUES ('2026-01-31 23:59', 1, '7', 'late')`,
    );
    expect(await run("audit.return")).toMatchObject({ state: "done" });
    expect(await log()).toHaveLength(rows + 1);
    const { rowCount } = await app.client.query("SELECT FROM caretaker.audit_logs_default");
    expect(rowCount).toBe(0);
  });
});

describe("who starts it", () => {
  test("an administrator archives a month past its hot age, once at a time, and brings it back", async () => {
    const subject = { databaseId: app.id, month };
    await expect(startArchive(administrator.actor, subject)).rejects.toMatchObject({ code: "conflict" });
    await setHot(1);
    await expect(startArchive(support.actor, subject)).rejects.toMatchObject({ code: "forbidden" });
    await expect(startReturn(support.actor, subject)).rejects.toMatchObject({ code: "forbidden" });
    const both = await Promise.allSettled([
      startArchive(administrator.actor, subject),
      startArchive(administrator.actor, subject),
    ]);
    const begun = both.flatMap((one) => (one.status === "fulfilled" ? [one.value.jobId] : []));
    expect(begun).toHaveLength(1);
    await over(system, begun[0] ?? "");
    const { jobId } = await startReturn(administrator.actor, subject);
    expect(await over(system, jobId)).toMatchObject({ state: "done" });
  });

  test("the schedule takes the oldest due month, and none that was brought back lately", async () => {
    await fillMonth(app.client, "2025-12", 10);
    const ours = async () =>
      (await dueArchives(() => {})).filter(({ input }) => input.databaseId === app.id).map(({ input }) => input.month);
    expect(await ours()).toEqual([]);
    await setHot(2);
    expect(await ours()).toEqual(["2025-12"]);
    const first = await enqueue(system, {
      kind: "audit.archive",
      title: "x",
      input: { databaseId: app.id, month: "2025-12" },
    });
    await over(system, first);
    expect(await ours()).toEqual([month]);
    await over(system, (await startReturn(administrator.actor, { databaseId: app.id, month: "2025-12" })).jobId);
    expect(await ours()).toEqual([month]);
  });

  test("a database that cannot be asked is named, and keeps no other from its turn", async () => {
    await setHot(2);
    const away = await registerDatabase("postgres://nobody@127.0.0.1:1/away");
    await control().insert(retentionRules).values({ databaseId: away, keepMonths: 84, hotMonths: 2, reason: "a test" });
    const said: string[] = [];
    const due = await dueArchives((line) => said.push(line));
    expect(due.map(({ input }) => input)).toContainEqual({ databaseId: app.id, month });
    expect(said).toEqual([expect.stringMatching(/^Nothing of away is archived now: ./)]);
  });
});
