import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { enforceHolds } from "../../holding/enforce.ts";
import { systemActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { placeHoldSchema } from "../holds/contract.ts";
import { placeHold } from "../holds/place.ts";
import { planRestoreInput } from "../restore/contract.ts";
import { planRestore } from "../restore/plan.ts";
import { runRestore } from "../restore/run.ts";
import { policy, run } from "./testing/purging.ts";

/** CI runs each race so often; RACES=1000 for a release. */
const times = Number(process.env.RACES ?? 100);

vi.setConfig({ testTimeout: times * 3_000 });

const worker = systemActor("worker");
let db: Adopted;
let ada: Person;
let application: pg.Client;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  db = await adoptedDatabase(
    `CREATE TABLE notes (id int PRIMARY KEY, deleted_at timestamptz);
     CREATE TABLE lines (id int PRIMARY KEY, note int REFERENCES notes ON DELETE CASCADE, deleted_at timestamptz)`,
    {
      notes: { softDelete: { column: "deleted_at", kind: "timestamp" } },
      lines: { softDelete: { column: "deleted_at", kind: "timestamp" } },
    },
  );
  application = new pg.Client(db.url);
  await application.connect();
  await policy(db.id, "notes");
});

afterAll(async () => {
  await application.end();
  await db.client.end();
  await closeFleet();
  await closeControl();
});

beforeEach(async () => {
  await controlPool().query("UPDATE legal_holds SET released_at = now()");
  await enforceHolds(worker, db.id);
  await db.client.query("TRUNCATE notes, lines");
});

const mark = (id: number) => db.client.query("INSERT INTO notes VALUES ($1, now() - interval '40 days')", [id]);
const pauseUpTo = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.random() * ms));

async function count(sql: string, values: unknown[] = []): Promise<number> {
  return (await db.client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, values)).rows[0]?.n ?? -1;
}

test("a hold and a purge of the same row: what was in force before the removal keeps the row, always", async () => {
  let kept = 0;
  for (let id = 1; id <= times; id++) {
    await mark(id);
    const hold = {
      name: `case ${id}`,
      kind: "record",
      databaseId: db.id,
      table: "public.notes",
      record: String(id),
      reason: "x",
    };
    const [{ removed }, { standing }] = await Promise.all([
      pauseUpTo(60).then(() => run(worker, db.id)),
      pauseUpTo(30).then(() => placeHold(ada.actor, placeHoldSchema.parse(hold))),
    ]);
    // Where it did not come to stand at once, the worker goes on trying.
    if (standing[0]?.state !== "in_force") await enforceHolds(worker, db.id);
    expect(await count("caretaker.holds WHERE name = $1 AND in_force_at IS NOT NULL", [`case ${id}`])).toBe(1);
    const there = await count("notes WHERE id = $1", [id]);
    expect([there, removed]).toEqual(there === 1 ? [1, 0] : [0, 1]);
    kept += there;
    if (there === 0) {
      const late = `caretaker.holds AS h, caretaker.audit_logs AS e WHERE h.name = $1 AND e.resource_type = 'notes' AND e.action = 'delete'
         AND e.resource_id = $2 AND e.created_at > h.in_force_at`;
      expect(await count(late, [`case ${id}`, String(id)])).toBe(0);
    }
  }
  expect(await run(worker, db.id)).toMatchObject({ removed: 0 });
  expect(await count("notes")).toBe(kept);
});

test("a restore and a purge of the same row: it is live again or gone, and whoever lost knows", async () => {
  for (let id = 1; id <= times; id++) {
    await mark(id);
    const asked = planRestoreInput.parse({ database: db.id, schema: "public", table: "notes", record: String(id) });
    const plan = await planRestore(ada.actor, asked);
    const [purged, restored] = await Promise.allSettled([
      pauseUpTo(40).then(() => run(worker, db.id)),
      runRestore(ada.actor, { plan: plan.hash, reason: "asked" }),
    ]);
    const live = await count("notes WHERE id = $1 AND deleted_at IS NULL", [id]);
    const there = await count("notes WHERE id = $1", [id]);
    expect(purged.status).toBe("fulfilled");
    const removed = purged.status === "fulfilled" ? purged.value.removed : -1;
    expect([there, live, removed, restored.status]).toEqual(
      live === 1 ? [1, 1, 0, "fulfilled"] : [0, 0, 1, "rejected"],
    );
    if (restored.status === "rejected") expect(["stale_plan", "conflict", "timeout"]).toContain(restored.reason.code);
  }
});

test("a row that comes to hang from one that is purged keeps it, or is refused: it never goes along unseen", async () => {
  for (let id = 1; id <= times; id++) {
    await mark(id);
    const [{ removed }, inserted] = await Promise.all([
      run(worker, db.id),
      pauseUpTo(40)
        .then(() => application.query("INSERT INTO lines VALUES ($1, $1)", [id]))
        .then(
          () => true,
          () => false,
        ),
    ]);
    expect([await count("notes WHERE id = $1", [id]), await count("lines WHERE id = $1", [id]), removed]).toEqual(
      inserted ? [1, 1, 0] : [0, 0, 1],
    );
    await db.client.query("TRUNCATE notes, lines");
  }
});
