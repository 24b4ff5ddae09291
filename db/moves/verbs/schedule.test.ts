import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlPool } from "../../control.ts";
import { enqueue } from "../../jobs/enqueue.ts";
import { LeaseLost } from "../../jobs/lease.ts";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { moveJobs, moveSchedules } from "../jobs.ts";
import { advance, readMoveRecord } from "../move.ts";
import { planMove } from "../plan/plan.ts";
import { readMove } from "../read.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { cutOverMove, resumeMove, throttleMove } from "./act.ts";
import { scheduleCutover } from "./schedule.ts";
import { startMove } from "./start.ts";

const actor = systemActor("schedule test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(3, 400);
  working = work([...moveJobs, ...moveSchedules.flatMap((one) => ("run" in one ? [one.run] : []))], {
    log: pino({ level: process.env.VERBOSE ? "info" : "silent" }),
    pollMs: 50,
  });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
});

test("a cutover as soon as it is ready is taken back while the move still copies, and asked for again", async () => {
  const input = { tenantId: shop.tenants.get("1") ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, {
    ...input,
    planHash: hash,
    cutover: "ready",
    graceHours: 0,
    throttleRows: 100,
  });
  await untilState(moveId, "copying");
  await expect(scheduleCutover(actor, { moveId, cutover: "at" })).rejects.toMatchObject({
    code: "invalid",
    fieldErrors: { cutoverAt: "Say when." },
  });
  await scheduleCutover(actor, { moveId, cutover: "asked" });
  await throttleMove(actor, { moveId, pace: "fast" });
  await untilState(moveId, "ready");
  await atRest(moveId);
  expect(await readMove(actor, moveId)).toMatchObject({ state: "ready", cutover: "asked", movedAt: null });

  // As a worker read it that is about to cut over.
  const known = await readMoveRecord(moveId);
  await scheduleCutover(actor, { moveId, cutover: "at", cutoverAt: "2100-01-01T00:00:00Z" });
  await expect(advance(actor, known, "cutting", "late")).rejects.toBeInstanceOf(LeaseLost);
  await scheduleCutover(actor, { moveId, cutover: "ready" });
  await untilState(moveId, "moved");
  await expect(scheduleCutover(actor, { moveId, cutover: "asked" })).rejects.toMatchObject({ code: "conflict" });
});

const pastTime = "The time to cut over has passed; the cutover waits until somebody asks.";

/** Makes it look as it does when the time has come; nobody may give one in the past. */
async function letTimePass(moveId: string): Promise<void> {
  await controlPool().query("UPDATE moves SET cutover = 'at', cutover_at = now() - interval '1 s' WHERE id = $1", [
    moveId,
  ]);
}

/** What looks after moves every minute. */
async function tend(): Promise<void> {
  const id = await enqueue(actor, { kind: "moves.tend", title: "Moves", input: {} });
  await expect
    .poll(async () => (await controlPool().query("SELECT state FROM jobs WHERE id = $1", [id])).rows, {
      timeout: 30_000,
    })
    .toEqual([{ state: "done" }]);
}

test("a time to cut over that passes too early, or is of no use, is given up, and none may have passed", async () => {
  const input = { tenantId: shop.tenants.get("2") ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const start = { ...input, planHash: hash, cutover: "at" as const, graceHours: 0, throttleRows: 100 };
  const tooLate = { code: "invalid", fieldErrors: { cutoverAt: "Say a time that is still to come." } };
  await expect(startMove(actor, { ...start, cutoverAt: "2026-01-01T00:00:00Z" })).rejects.toMatchObject(tooLate);
  const { moveId } = await startMove(actor, { ...start, cutoverAt: "2100-01-01T00:00:00Z" });
  await untilState(moveId, "copying");
  const past = { moveId, cutover: "at" as const, cutoverAt: "2026-01-01T00:00:00Z" };
  await expect(scheduleCutover(actor, past)).rejects.toMatchObject(tooLate);
  await letTimePass(moveId);
  await throttleMove(actor, { moveId, pace: "fast" });
  await untilState(moveId, "ready");
  await atRest(moveId);
  const late = await readMove(actor, moveId);
  expect(late).toMatchObject({ state: "ready", cutover: "asked", cutoverAt: null });
  expect(late.events[0]?.line).toBe(pastTime);

  await shop.client.query("ALTER TABLE notes ADD COLUMN stars integer");
  try {
    await letTimePass(moveId);
    await tend();
    await expect.poll(async () => (await readMove(actor, moveId)).error, { timeout: 30_000 }).toContain("notes.stars");
    const failed = await readMove(actor, moveId);
    expect(failed).toMatchObject({ state: "ready", cutover: "asked", cutoverAt: null });
    expect(failed.events.map(({ line }) => line).filter((line) => line === pastTime)).toHaveLength(2);
  } finally {
    await shop.client.query("ALTER TABLE notes DROP COLUMN stars");
  }
});

test("a pause that came when the move had just become ready keeps it from being cut over", async () => {
  const input = { tenantId: shop.tenants.get("3") ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  await untilState(moveId, "ready");
  await atRest(moveId);
  // As it is after a pause that a worker did not see any more.
  const paused =
    "UPDATE moves SET paused_at = now(), paused_by = 'somebody', cutover = 'ready', lag_at = NULL WHERE id = $1";
  await controlPool().query(paused, [moveId]);
  await tend();
  await atRest(moveId);
  expect(await readMove(actor, moveId)).toMatchObject({ state: "ready", paused: true, movedAt: null });
  await letTimePass(moveId);
  const { jobId } = await readMove(actor, moveId);
  await tend();
  expect(await readMove(actor, moveId)).toMatchObject({ state: "ready", jobId });
  // Whoever resumes it does not ask for a cutover at another time than the one that was said.
  await resumeMove(actor, { moveId });
  await atRest(moveId);
  expect(await readMove(actor, moveId)).toMatchObject({ state: "ready", paused: false, cutover: "asked" });
  await controlPool().query(paused, [moveId]);
  await cutOverMove(actor, { moveId });
  expect(await untilState(moveId, "moved")).toMatchObject({ paused: false });
});

async function atRest(moveId: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const { rows } = await controlPool().query<{ state: string }>(
          "SELECT j.state FROM moves m JOIN jobs j ON j.id = m.job_id WHERE m.id = $1",
          [moveId],
        );
        return rows[0]?.state;
      },
      { timeout: 30_000 },
    )
    .toBe("done");
}
