import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { archiveOf } from "../archive/registry.ts";
import { fillMonth } from "../archive/testing/month.ts";
import { finishJob, moveMonth } from "../archive/testing/move.ts";
import { searchCold } from "../cold/search.ts";
import type { ErasureInput } from "./contract.ts";
import { planErasure } from "./erase.ts";
import { eraseJob } from "./erase-job.ts";
import { isDestroyed, saltsOf } from "./salts.ts";
import { sealLog } from "./seal.ts";
import { agreeToErase } from "./testing/erase.ts";
import { leafTiles } from "./tiles.ts";
import { verifyLog } from "./verify-log.ts";

// Months are written, read and written again.

const month = "2026-01";
const rows = 600;
let admin: Person;
let officer: Person;
let app: Adopted;
let before: Map<string, Record<string, unknown>>;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-erase-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY, email text)");
  await fillMonth(app.client, month, rows);
  await app.client.query("INSERT INTO orders VALUES (5, 'person5@example.com'), (7, 'person7@example.com')");
  before = await entries();
  // Only transactions that are over are sealed, and those that the month's entries name may not have been yet.
  await app.client.query("DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < 2000 LOOP COMMIT; END LOOP; END $$");
  await sealLog(admin.actor, app.id, { seconds: 0 });
  expect(await moveMonth(admin.actor, "audit.archive", app.id, month)).toMatchObject({ state: "done" });
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

/** Rows of the hot log, everything as text. */
async function entries(): Promise<Map<string, Record<string, unknown>>> {
  const { rows: found } = await app.client.query<Record<string, unknown> & { id: string }>(
    `SELECT id::text, resource_id, old_values::text AS old, new_values::text AS new, changes::text, metadata::text,
            ip_address::text AS ip, user_agent AS agent
       FROM caretaker.audit_logs WHERE created_at < '2026-02-01' ORDER BY created_at, audit_logs.id`,
  );
  return new Map(found.map((entry) => [entry.id, entry]));
}

const ofRecord = (...records: string[]): ErasureInput => ({
  databaseId: app.id,
  subject: { kind: "records", schema: "public", table: "orders", records, columns: ["email", "name"] },
});

const erase = async (input: ErasureInput, kind: JobKind = eraseJob) =>
  finishJob(admin.actor, await agreeToErase(admin, officer, input), [kind]);

async function cold(q: string) {
  const options = { cursor: null, limit: 1_000, signal: new AbortController().signal, onProgress: () => {} };
  return (await searchCold(admin.actor, { database: app.id, q }, options)).rows.map(({ id }) => id);
}

const files = async () => (await objectStore().list(`audit/${app.id}/${month}/`)).map(({ key }) => key).sort();

describe("erasing a person's values from archived months", () => {
  test("is planned over both: the entries of the log and those of the files", async () => {
    expect(await planErasure(admin.actor, ofRecord("5", "6"))).toMatchObject({
      entries: 3,
      archived: [{ month, entries: 2 }],
    });
    expect(await planErasure(admin.actor, { databaseId: app.id, subject: { kind: "actor", user: "user-3" } })).toEqual(
      expect.objectContaining({ archived: [{ month, entries: expect.any(Number) }] }),
    );
  });

  test("destroys values and salts, leaves every other byte, and everything still verifies", async () => {
    const first = await archiveOf(app.id, month);
    const job = await erase(ofRecord("5", "6"));
    expect(job).toMatchObject({ state: "done", result: { entries: 3, salts: 3 } });
    expect(await cold("value:person5@example.com")).toEqual([]);
    expect(await cold("value:person6@example.com")).toEqual([]);
    expect(await cold("record:5,6")).toHaveLength(2);
    const archive = await archiveOf(app.id, month);
    expect(archive).toMatchObject({
      state: "cold",
      rows: BigInt(rows),
      manifest: { replaces: { sha256: first?.sha256, rows: String(rows), why: expect.stringContaining("2 of its") } },
    });
    expect(await files()).toEqual([archive?.manifestKey, archive?.key].sort());
    expect(await verifyLog(admin.actor, app.id)).toMatchObject({ verdict: "good", archived: rows });
    let destroyed = 0;
    for await (const tile of leafTiles(controlPool(), app.id, rows + 2)) {
      const salts = saltsOf(tile.salts ?? { seed: null, spelt: null });
      for (let place = 0; place < 256; place++) destroyed += isDestroyed(salts, place) ? 1 : 0;
    }
    expect(destroyed).toBe(3);
    const { rows: events } = await app.client.query(
      "SELECT resource_id AS about, metadata FROM caretaker.audit_logs WHERE action = 'erase' ORDER BY id",
    );
    expect(events).toMatchObject([
      { about: job.id, metadata: { entries: 3, columns: ["email", "name"] } },
      { about: month, metadata: { before: first?.sha256, after: archive?.sha256, job: job.id } },
    ]);
  });

  test("takes an actor's address and program out of the files", async () => {
    const held = await cold("actor:user-3 ip:10.0.0.0/8");
    expect(held.length).toBeGreaterThan(0);
    expect(await erase({ databaseId: app.id, subject: { kind: "actor", user: "user-3" } })).toMatchObject({
      state: "done",
    });
    expect(await cold("actor:user-3 -ip:none")).toEqual([]);
    expect(await cold("actor:user-3 -agent:none")).toEqual([]);
    expect(await cold("actor:user-3")).toEqual(expect.arrayContaining(held));
  });

  test.each([
    { step: "values", record: "13", after: false },
    { step: "rewrite", record: "14", after: false },
    { step: "rewrite", record: "17", after: true },
    { step: "record", record: "18", after: false },
    { step: "register", record: "21", after: false },
    { step: "register", record: "22", after: true },
    { step: "salts", record: "25", after: false },
  ])("loses nothing when it is cut off in $step (receipt written: $after)", async ({ step, record, after }) => {
    const found = await cold(`record:${record}`);
    const kind = cutOff(step, after);
    expect(await erase(ofRecord(record), kind)).toMatchObject({ state: "done", attempts: 2 });
    expect(await cold(`record:${record}`)).toEqual(found);
    expect(await cold(`value:person${record}@example.com`)).toEqual([]);
    expect(await cold("")).toHaveLength(rows);
    const archive = await archiveOf(app.id, month);
    expect(await files()).toEqual([archive?.manifestKey, archive?.key].sort());
    expect(await verifyLog(admin.actor, app.id)).toMatchObject({ verdict: "good" });
  });

  test("a month that was brought back holds what the log would hold after the same erasure", async () => {
    await moveMonth(admin.actor, "audit.return", app.id, month);
    const now = await entries();
    expect([...now.keys()]).toEqual([...before.keys()]);
    const [update, deletion] = [...now.values()].filter(({ resource_id: id }) => id === "5" || id === "6");
    expect(update?.old).toContain('"email": "erased"');
    expect(update?.old).toContain('"note": null');
    const held = String(before.get(String(deletion?.id))?.old);
    expect(deletion?.old).toBe(
      held.replace("person6@example.com", "erased").replace(/"name": "(\\.|[^"\\])*"/, '"name": "erased"'),
    );
  });

  test("and its file, which stays where it is, is written anew with the log", async () => {
    expect(await cold("")).toEqual([]);
    const first = await archiveOf(app.id, month);
    expect(await erase(ofRecord("9"))).toMatchObject({ state: "done", result: { entries: 1 } });
    const archive = await archiveOf(app.id, month);
    expect(archive).toMatchObject({ state: "hot", hotUntil: first?.hotUntil });
    expect(archive?.sha256).not.toBe(first?.sha256);
    const { rows: left } = await app.client.query(
      "SELECT FROM caretaker.audit_logs WHERE old_values ->> 'email' = 'person9@example.com'",
    );
    expect(left).toHaveLength(0);
    // The file prints exactly what PostgreSQL prints after the same erasure, so that it serves again.
    await moveMonth(admin.actor, "audit.archive", app.id, month);
    expect(await archiveOf(app.id, month)).toMatchObject({ id: archive?.id, state: "cold" });
    expect(await verifyLog(admin.actor, app.id)).toMatchObject({ verdict: "good" });
  });
});

/** The job as it runs when its worker dies in a step, once: before or after the step's receipt was written. */
function cutOff(step: string, after: boolean): JobKind {
  let died = false;
  const die = (name: string) => {
    if (died || !name.startsWith(step)) return;
    died = true;
    throw new Error("Connection terminated unexpectedly");
  };
  const dying = async <T>(name: string, run: (dies: () => void) => Promise<T>): Promise<T> => {
    const result = await run(() => (after ? undefined : die(name)));
    die(name);
    return result;
  };
  const mortal = (job: RunningJob): RunningJob => ({
    ...job,
    step: (name, work) =>
      dying(name, (dies) =>
        job.step(name, async () => {
          const receipt = await work();
          dies();
          return receipt;
        }),
      ),
    stepInControl: (name, work) =>
      dying(name, (dies) =>
        job.stepInControl(name, async (tx, client) => {
          const receipt = await work(tx, client);
          dies();
          return receipt;
        }),
      ),
  });
  return { kind: eraseJob.kind, run: (job) => eraseJob.run(mortal(job)) };
}
