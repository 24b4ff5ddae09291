import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import { systemActor } from "#db/mint.ts";
import { type PlanRestore, planRestoreInput } from "#db/records/restore/contract.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { settleRestore } from "#db/records/restore/settle-restore.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { chosen } from "../chosen.ts";
import { Hand } from "../hand.ts";
import { ask, patiently } from "../patience.ts";
import { random } from "../random.ts";
import type { Verdict } from "../run.ts";
import type { Answer, Given } from "./process.ts";

/** A marked parent, its removed children, and what hangs from them. */
const ddl = `
  CREATE TABLE parents (id integer PRIMARY KEY, slug text UNIQUE, deleted_at timestamptz);
  CREATE TABLE children (id integer PRIMARY KEY, parent integer REFERENCES parents, slug text UNIQUE);
  CREATE TABLE leaves (child integer REFERENCES children, line integer, PRIMARY KEY (child, line));`;

const made = `INSERT INTO parents VALUES (1, 'p'); INSERT INTO children SELECT n, 1, 'c' || n FROM generate_series(1, 5) n;
  INSERT INTO leaves SELECT n, l FROM generate_series(1, 5) n, generate_series(1, 2) l`;
const rows = 16;
const standing = `SELECT (SELECT count(*) FROM parents WHERE deleted_at IS NULL) + (SELECT count(*) FROM children) + (SELECT count(*) FROM leaves) AS live`;

const actor = systemActor("faults");
const hand = new Hand<Answer>(join(import.meta.dirname, "process.ts"));

/** A restore by a job, in chunks of eight rows, is one that may stand in part until it goes on. */
const chunked = { atOnce: 4, inChunk: 8 };

/**
 * Strikes a restore or an undo, in one transaction or in chunks by a job, at statement after statement: by killing its process, and by
 * killing its backend.
 */
export async function strikeRestores(
  size: "whole" | "chunks",
  what: "restore" | "undo",
  strikes: number,
  seed: number,
): Promise<Verdict> {
  const db = await adoptedDatabase(ddl, { parents: { softDelete: { column: "deleted_at", kind: "timestamp" } } });
  await db.client.query(made);
  await db.client.end();
  const chance = random(seed);
  const tally = { points: 0, written: 0, not_written: 0, went_on: 0, in_part: 0, receipts_wrong: 0, without_end: 0 };
  const violations: string[] = [];
  const sizes = size === "chunks" ? chunked : undefined;
  for (const how of ["process", "backend"] as const) {
    const planned = async () => plan(what === "restore" ? await deleted(db) : await restored(db));
    const { statements } = await run({ plan: await planned(), sizes }, 0, how);
    if (process.env.VERBOSE) console.error(`${size}: ${what}, ${how}: ${statements} statements`);
    for (const at of chosen(statements, strikes, chance)) {
      await run({ plan: await planned(), sizes }, at, how);
      tally.points += 1;
      const between = sizes ? await goOn(db, tally) : null;
      const { live, receipts, open } = await look(db);
      const whole = live === 0 || live === rows;
      const proven = receipts === live && (between === null || between.receipts === between.live);
      if (!whole) tally.in_part += 1;
      if (!proven) tally.receipts_wrong += 1;
      tally.without_end += open;
      tally[(live === rows) === (what === "restore") ? "written" : "not_written"] += 1;
      if (whole && proven && open === 0) continue;
      const first = between === null ? "" : ` (before: ${between.live} and ${between.receipts})`;
      violations.push(
        `${size}: ${what}, statement ${at}, ${how}: ${live} of ${rows} rows live, ${receipts} receipts${first}, ${open} without an end.`,
      );
    }
  }
  hand.end();
  return { figures: tally, violations };
}

/** Another process takes the job over, if there is one. Answers what stood before. */
async function goOn(db: Adopted, tally: { went_on: number }): Promise<Counted> {
  const before = await count(db);
  const job = await patiently(async () => {
    const { rows: found } = await controlPool().query<{ id: string }>(
      "UPDATE jobs SET lease_until = now() WHERE kind = 'records.restore' AND state IN ('queued', 'running') RETURNING id",
    );
    return found[0]?.id;
  });
  if (job === undefined) return before;
  tally.went_on += 1;
  await run({ job });
  return before;
}

/** All rows deleted, in one transaction; answers what a restore of them starts from. */
async function deleted(db: Adopted): Promise<Partial<PlanRestore>> {
  const transaction = await ask(db.url, async (client) => {
    await client.query("UPDATE parents SET deleted_at = NULL WHERE deleted_at IS NOT NULL");
    await client.query(
      `INSERT INTO children SELECT n, 1, 'c' || n FROM generate_series(1, 5) n ON CONFLICT DO NOTHING`,
    );
    await client.query(
      `INSERT INTO leaves SELECT n, l FROM generate_series(1, 5) n, generate_series(1, 2) l ON CONFLICT DO NOTHING`,
    );
    await client.query("BEGIN");
    const { rows: xact } = await client.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
    await client.query("DELETE FROM leaves; DELETE FROM children; UPDATE parents SET deleted_at = now(); COMMIT");
    return xact[0]?.id ?? "";
  });
  return { database: db.id, transaction };
}

/** All rows restored; answers what an undo of that starts from. */
async function restored(db: Adopted): Promise<Partial<PlanRestore>> {
  const { restore } = await run({ plan: await plan(await deleted(db)) });
  if (!restore) throw new Error("A restore that nothing struck did not end.");
  return { database: db.id, undo: restore };
}

async function plan(from: Partial<PlanRestore>): Promise<string> {
  const { hash } = await patiently(() => planRestore(actor, planRestoreInput.parse(from)));
  return hash;
}

function run(given: Given, at = 0, how = "none") {
  return hand.run(given, at, how);
}

interface Counted {
  live: number;
  /** Of restores that are not undone. */
  receipts: number;
}

interface Look extends Counted {
  /** Restores that are still without an end once they were settled. */
  open: number;
}

/** Rows and their receipts as they stand, once nothing is under way any more. */
function count(db: Adopted): Promise<Counted> {
  return ask(db.url, async (client) => {
    // A transaction whose client is gone ends by itself, as soon as the server sees it.
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'caretaker%' AND datname = current_database() AND pid <> pg_backend_pid()",
    );
    await pause(50);
    const { rows: live } = await client.query<{ live: string }>(standing);
    const { rows: receipts } = await client.query<{ receipts: string }>(
      `SELECT count(*) AS receipts FROM caretaker.restored_rows AS w WHERE w.act <> 'delete' AND w.origin <> 'undo' AND w.done_at IS NOT NULL
          AND w.undone_at IS NULL AND w.done_at > (SELECT max(created_at) FROM caretaker.audit_logs WHERE action = 'delete' AND resource_type = 'leaves'
                AND coalesce(metadata ->> 'reason', '') <> 'faults')`,
    );
    return { live: Number(live[0]?.live), receipts: Number(receipts[0]?.receipts) };
  });
}

async function look(db: Adopted): Promise<Look> {
  const found = await count(db);
  const open = await patiently(async () => {
    const { rows: running } = await controlPool().query<{ id: string }>(
      "SELECT id FROM restores WHERE state = 'running'",
    );
    for (const { id } of running) await settleRestore(actor, id);
    return (await controlPool().query("SELECT 1 FROM restores WHERE state = 'running'")).rowCount ?? 0;
  });
  return { ...found, open };
}
