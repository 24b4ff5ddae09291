import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { controlPool } from "#db/control.ts";
import { readJob } from "#db/jobs/read.ts";
import { replayErasures } from "#db/records/erasure/replay.ts";
import {
  app,
  ask,
  forgetClosings,
  owner,
  type Restorable,
  restorable,
  urlOf,
} from "#db/records/erasure/testing/restored.ts";
import { chosen } from "../chosen.ts";
import { Hand } from "../hand.ts";
import { patiently } from "../patience.ts";
import { random } from "../random.ts";
import type { Verdict } from "../run.ts";

/** Rows that name the person in the backup. */
const rows = 2;
const hand = new Hand(join(import.meta.dirname, "process.ts"));

/**
 * Restores a database from a backup of before an erasure, strikes its replay at statement after statement, and lets another process go
 * on. In between the application can not connect, or finds the backup as it is, which is named as due, or nothing of the person; in the
 * end it can, and finds nothing.
 */
export async function strikeReplays(how: "process" | "connection", strikes: number, seed: number): Promise<Verdict> {
  const there = await restorable();
  const chance = random(seed);
  const tally = { points: 0, struck_closed: 0, half_open: 0, unsaid: 0, left: 0, not_opened: 0, not_done: 0 };
  const violations: string[] = [];
  const whole = await replay(there, 0, how);
  if (process.env.VERBOSE) console.error(`replay, ${how}: ${whole.statements} statements`);
  for (const at of chosen(whole.statements, strikes, chance)) {
    const { between, after, state } = await replay(there, at, how);
    tally.points += 1;
    if (!between.connects) tally.struck_closed += 1;
    const faults = {
      half_open: between.connects && between.named !== 0 && between.named !== rows,
      unsaid: (!between.connects || between.named > 0) && between.due === 0,
      left: after.named > 0 || after.due > 0,
      not_opened: !after.connects,
      not_done: state !== "done",
    };
    for (const [name, is] of Object.entries(faults)) if (is) tally[name as keyof typeof faults] += 1;
    if (!Object.values(faults).some(Boolean)) continue;
    violations.push(
      `replay, statement ${at}, ${how}: in between ${JSON.stringify(between)}, in the end ${JSON.stringify(after)}; ${state}.`,
    );
  }
  hand.end();
  return { figures: tally, violations };
}

async function replay(there: Restorable, at: number, how: string) {
  await patiently(forgetClosings);
  await patiently(() => there.restore());
  const { job } = await patiently(() => replayErasures(there.admin.actor, { database: there.db.id }));
  const { statements } = await hand.run({ job }, at, how);
  // A transaction whose client is gone ends by itself, as soon as the server sees it.
  await pause(200);
  const between = await look(there);
  if (at > 0) {
    await patiently(() =>
      controlPool().query("UPDATE jobs SET lease_until = now() WHERE id = $1 AND state = 'running'", [job]),
    );
    await hand.run({ job });
  }
  const { state } = await patiently(() => readJob(there.admin.actor, job));
  return { statements, between, after: await look(there), state };
}

interface Seen {
  /** Whether the application can connect. */
  connects: boolean;
  named: number;
  /** Databases that are named as due, or as closed. */
  due: number;
}

async function look(there: Restorable): Promise<Seen> {
  const naming = "SELECT email AS said FROM users UNION ALL SELECT body FROM notes";
  const count = async (role: string) =>
    (await ask<{ said: string }>(urlOf(role), naming)).filter(({ said }) => /grace/i.test(said)).length;
  const { length: due } = await patiently(() => there.due());
  try {
    return { connects: true, named: await count(app), due };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== "42501") throw error;
    return { connects: false, named: await count(owner), due };
  }
}
