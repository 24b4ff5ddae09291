import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { startThrowaway } from "../../testing/server.ts";
import { type Standby, startStandby } from "../../testing/standby.ts";
import { moveJobs } from "../jobs.ts";
import { planMove } from "../plan/plan.ts";
import { readMove } from "../read.ts";
import { completeByTwo } from "../testing/complete.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { cutOverMove, throttleMove } from "../verbs/act.ts";
import { startMove } from "../verbs/start.ts";

const actor = systemActor("standby test");
const shared = process.env.CARETAKER_TEST_SERVER;
let primary: Awaited<ReturnType<typeof startThrowaway>>;
let standby: Standby;
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  // A replica of the server of all tests would hold back others' moves.
  primary = await startThrowaway();
  process.env.CARETAKER_TEST_SERVER = primary.url;
  standby = await startStandby(primary, "beside");
  shop = await openShop(3, 3_000);
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working?.stop();
  await shop?.client.end();
  await closeControl();
  await standby?.remove();
  await primary?.remove();
  process.env.CARETAKER_TEST_SERVER = shared;
});

const aSecondAtMost = { pace: "fast", lagSeconds: 1 } as const;

/** A move of a tenant that takes some seconds, and waits for a replica that is more than one behind. */
async function startSlowly(key: string): Promise<string> {
  const input = { tenantId: shop.tenants.get(key) ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, {
    ...input,
    planHash: hash,
    cutover: "asked",
    pace: "fast",
    throttleRows: 1_000,
    graceHours: 0,
  });
  await throttleMove(actor, { moveId, ...aSecondAtMost, rows: 1_000 });
  return moveId;
}

async function untilHeld(moveId: string): Promise<string> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; await pause(20)) {
    const { held, state } = await readMove(actor, moveId);
    if (held?.endsWith("It waits.")) return held;
    if (state === "ready" || state === "completed") break;
  }
  throw new Error("No replica held the move back.");
}

test.each([
  [
    "replays nothing",
    "1",
    async () => {
      await standby.client.query("SELECT pg_wal_replay_pause()");
      return () => standby.client.query("SELECT pg_wal_replay_resume()");
    },
  ],
  [
    "has fallen silent",
    "2",
    async () => {
      const { rows } = await standby.client.query<{ pid: number }>("SELECT pid FROM pg_stat_wal_receiver");
      const pid = rows[0]?.pid ?? 0;
      process.kill(pid, "SIGSTOP");
      return () => process.kill(pid, "SIGCONT");
    },
  ],
])(
  "a move stands still while a replica %s, says which and why, and goes on when it is there again",
  async (_, key, hinder) => {
    const goOn = await hinder();
    const moveId = await startSlowly(key);
    try {
      expect(await untilHeld(moveId)).toMatch(
        /^The replica beside.* of .* is \d+(\.\d)? s behind, more than 1\.0 s\. It waits\.$/,
      );
      // What was on its way when that was seen still comes.
      await pause(1_000);
      const { rows } = await readMove(actor, moveId);
      await pause(1_000);
      expect((await readMove(actor, moveId)).rows).toBe(rows);
    } finally {
      await goOn();
    }
    await throttleMove(actor, { moveId, ...aSecondAtMost });
    await untilState(moveId, "ready");
    expect(await readMove(actor, moveId)).toMatchObject({ held: null });
  },
);

test("old rows are not removed while a replica is behind, and the pace can be set meanwhile", async () => {
  const moveId = await startSlowly("3");
  await throttleMove(actor, { moveId, ...aSecondAtMost });
  await untilState(moveId, "ready");
  await cutOverMove(actor, { moveId });
  await untilState(moveId, "moved");
  // A batch takes longer than the replica may be behind.
  await shop.client.query(`CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
    CREATE TRIGGER slowly AFTER DELETE ON lines FOR EACH STATEMENT EXECUTE FUNCTION slowly();
    ALTER TABLE lines ENABLE ALWAYS TRIGGER slowly`);
  const left = async () => {
    const { rows } = await shop.client.query("SELECT count(*)::int AS n FROM orders WHERE tenant_id = 3");
    return rows;
  };
  const before = await left();
  await standby.client.query("SELECT pg_wal_replay_pause()");
  try {
    await completeByTwo(moveId);
    expect(await untilHeld(moveId)).toContain("more than 1.0 s");
    await pause(5_000);
    expect(await left()).toEqual(before);
    expect(await readMove(actor, moveId)).toMatchObject({ state: "completing", verbs: ["throttle"] });
    await throttleMove(actor, { moveId, pace: "fast", lagSeconds: 3_000 });
    await untilState(moveId, "completed");
  } finally {
    await standby.client.query("SELECT pg_wal_replay_resume()");
  }
});
