import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlPool } from "../../control.ts";
import { LeaseLost } from "../../jobs/lease.ts";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { moveJobs } from "../jobs.ts";
import { advance, readMoveRecord } from "../move.ts";
import { planMove } from "../plan/plan.ts";
import { readMove } from "../read.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { throttleMove } from "./act.ts";
import { scheduleCutover } from "./schedule.ts";
import { startMove } from "./start.ts";

const actor = systemActor("schedule test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(1, 400);
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 50 });
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
