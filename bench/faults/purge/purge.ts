import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { controlPool } from "#db/control.ts";
import { enforceHolds } from "#db/holding/enforce.ts";
import { systemActor } from "#db/mint.ts";
import { openAttempts, settle } from "#db/records/retention/purge/attempts.ts";
import { policy } from "#db/records/retention/testing/purging.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { chosen } from "../chosen.ts";
import { Hand } from "../hand.ts";
import { ask, patiently } from "../patience.ts";
import { random } from "../random.ts";
import type { Verdict } from "../run.ts";
import type { Given } from "./process.ts";

/** Twelve families of three rows that are due, of which a hold keeps two, and a live one. */
const ddl = `
  CREATE TABLE parents (id integer PRIMARY KEY, deleted_at timestamptz);
  CREATE TABLE children (parent integer REFERENCES parents ON DELETE CASCADE, line integer, PRIMARY KEY (parent, line))`;
const made = `
  INSERT INTO parents SELECT n, CASE WHEN n < 13 THEN now() - interval '40 days' END FROM generate_series(1, 13) n ON CONFLICT DO NOTHING;
  INSERT INTO children SELECT n, l FROM generate_series(1, 13) n, generate_series(1, 2) l ON CONFLICT DO NOTHING`;
const held = [5, 6];
const dueRows = 30;

const actor = systemActor("faults");
const hand = new Hand(join(import.meta.dirname, "process.ts"));

const tally = {
  points: 0,
  families_by_halves: 0,
  held_rows_gone: 0,
  live_rows_gone: 0,
  receipts_wrong: 0,
  without_end: 0,
  holds_by_halves: 0,
};

/** Strikes a purge at statement after statement, then the placing of a hold: by killing the process, and by killing its backend. */
export async function purgeAndHold(strikes: number, seed: number): Promise<Verdict> {
  await freshControl();
  const db = await adoptedDatabase(ddl, { parents: { softDelete: { column: "deleted_at", kind: "timestamp" } } });
  await db.client.query(made);
  await db.client.end();
  await policy(db.id, "parents");
  const purge = (id: string, at = 0, how = "none") => run({ what: "purge", database: db.id, id }, at, how);
  const hold = (id: string, record: number, at = 0, how = "none") =>
    run({ what: "hold", database: db.id, id, record: String(record) }, at, how);
  for (const record of held) await hold(`keeps ${record}`, record);
  const chance = random(seed);
  const violations: string[] = [];
  for (const how of ["process", "backend"]) {
    await ask(db.url, (client) => client.query(made));
    const { statements } = await purge(randomUUID(), 0, how);
    for (const at of chosen(statements, strikes, chance)) {
      await ask(db.url, (client) => client.query(made));
      const id = randomUUID();
      await purge(id, at, how);
      tally.points += 1;
      const struck = await look(db, id);
      await purge(id);
      const after = await look(db, id);
      const faults = [...struck.faults, ...after.faults];
      if (after.gone !== dueRows) faults.push(`${after.gone} of ${dueRows} rows are gone once it went on`);
      if (faults.length > 0) violations.push(`purge, statement ${at}, ${how}: ${faults.join("; ")}.`);
    }
  }
  for (const how of ["process", "backend"]) {
    const { statements } = await hold(`counted for ${how}`, 13, 0, how);
    for (const at of chosen(statements, strikes, chance)) {
      const name = randomUUID();
      await ask(db.url, (client) => client.query(made));
      await hold(name, 12, at, how);
      tally.points += 1;
      const fault = await lookAtHold(db, name);
      if (fault !== null) violations.push(`hold, statement ${at}, ${how}: ${fault}.`);
    }
  }
  hand.end();
  return { figures: tally, violations };
}

function run(given: Given, at: number, how: string) {
  return hand.run(given, at, how);
}

/** What stands once the attempts of a run are settled: whole families, held and live ones untouched, and receipts that say the same. */
async function look(db: Adopted, runId: string): Promise<{ gone: number; faults: string[] }> {
  const rows = await ask(db.url, async (client) => {
    // A transaction whose client is gone ends by itself, as soon as the server sees it.
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'caretaker%' AND datname = current_database() AND pid <> pg_backend_pid()",
    );
    await pause(50);
    const found = await client.query<{ id: number; parents: number; children: number }>(
      `SELECT n AS id, (SELECT count(*)::int FROM parents WHERE id = n) AS parents, (SELECT count(*)::int FROM children WHERE parent = n) AS children
         FROM generate_series(1, 13) AS n`,
    );
    return found.rows;
  });
  const { open, confirmed } = await patiently(async () => {
    for (const attempt of await openAttempts({ runId })) await settle(actor, attempt);
    const { rows: counts } = await controlPool().query<{ open: number; confirmed: number }>(
      `SELECT count(*) FILTER (WHERE state = 'attempted')::int AS open,
              coalesce(sum((SELECT sum((r ->> 'rows')::int) FROM jsonb_array_elements(removed) AS r)) FILTER (WHERE state = 'confirmed'), 0)::int AS confirmed
         FROM purge_batches WHERE run_id = $1`,
      [runId],
    );
    return counts[0] ?? { open: -1, confirmed: -1 };
  });
  const halves = rows.filter(({ parents, children }) => children !== parents * 2).length;
  const heldGone = rows.filter(({ id, parents }) => held.includes(id) && parents === 0).length;
  const liveGone = rows.filter(({ id, parents }) => id === 13 && parents === 0).length;
  const gone = rows.reduce((sum, { parents, children }) => sum + 3 - parents - children, 0);
  tally.families_by_halves += halves;
  tally.held_rows_gone += heldGone;
  tally.live_rows_gone += liveGone;
  tally.without_end += open;
  if (confirmed !== gone) tally.receipts_wrong += 1;
  const faults = [
    ...(halves > 0 ? [`${halves} families went by halves`] : []),
    ...(heldGone > 0 ? [`${heldGone} held rows are gone`] : []),
    ...(liveGone > 0 ? ["a live row is gone"] : []),
    ...(open > 0 ? [`${open} attempts have no end`] : []),
    ...(confirmed === gone ? [] : [`${gone} rows are gone, and ${confirmed} were confirmed`]),
  ];
  return { gone, faults };
}

/** A hold that was entered comes to stand when a worker looks again; one that was not is nowhere. */
async function lookAtHold(db: Adopted, name: string): Promise<string | null> {
  await patiently(() => enforceHolds(actor, db.id));
  const entered = await patiently(async () => {
    const found = await controlPool().query("SELECT FROM legal_holds WHERE name = $1", [name]);
    return found.rowCount === 1;
  });
  const kept = await ask(db.url, async (client) => {
    await client.query("BEGIN");
    const removal = client.query("DELETE FROM parents WHERE id = 12");
    const refused = await removal.then(
      () => false,
      (error: unknown) => error instanceof pg.DatabaseError && error.constraint === "caretaker_hold",
    );
    await client.query("ROLLBACK");
    return refused;
  });
  await controlPool().query("UPDATE legal_holds SET released_at = now() WHERE name = $1", [name]);
  await patiently(() => enforceHolds(actor, db.id));
  if (entered === kept) return null;
  tally.holds_by_halves += 1;
  return entered ? "it was entered and keeps nothing" : "it keeps a row and was never entered";
}
