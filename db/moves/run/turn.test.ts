import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlPool } from "../../control.ts";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import type { MoveView } from "../contract.ts";
import { moveJobs } from "../jobs.ts";
import { planMove } from "../plan/plan.ts";
import { readMove } from "../read.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { pauseMove, resumeMove, throttleMove } from "../verbs/act.ts";
import { startMove } from "../verbs/start.ts";

const actor = systemActor("turns test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(3, 400);
  await controlPool().query("UPDATE servers SET moves_at_once = 1");
  // A move that waits must not keep the worker from the others.
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 50, concurrency: 2 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
});

async function start(tenant: string, more: { throttleRows?: number } = {}): Promise<string> {
  const input = { tenantId: shop.tenants.get(tenant) ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const given = { ...input, planHash: hash, cutover: "asked" as const, graceHours: 0, ...more };
  return (await startMove(actor, given)).moveId;
}

async function until(moveId: string, holds: (move: MoveView) => boolean): Promise<MoveView> {
  for (const deadline = performance.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 25))) {
    await onlyOneLoads();
    const move = await readMove(actor, moveId);
    if (holds(move)) return move;
    if (performance.now() > deadline) throw new Error(`The move is ${move.state}: ${move.error ?? move.held}.`);
  }
}

async function onlyOneLoads(): Promise<void> {
  const { rows } = await controlPool().query<{ names: string[] }>(
    `SELECT array_agg(t.name) AS names FROM moves m JOIN tenants t ON t.id = m.tenant_id
      WHERE m.turn_at IS NOT NULL AND m.paused_at IS NULL AND m.state NOT IN ('ready', 'aborting', 'aborted')`,
  );
  expect(rows[0]?.names?.length ?? 0).toBeLessThanOrEqual(1);
}

const isReady = ({ state }: MoveView) => state === "ready";

test("moves wait for their turn on a server, say for whom, and have it when the other is paused or ready", async () => {
  const first = await start("1", { throttleRows: 100 });
  await until(first, ({ state, rows }) => state === "copying" && rows > 0);
  const [second, third] = [await start("2"), await start("3")];
  for (const waiting of [second, third]) {
    const { held, state } = await until(waiting, (move) => move.held !== null);
    expect(held).toMatch(/^Waits for Tenant 1, whose move has the turn on server .*: it lets 1 copy at a time\.$/);
    expect(state).toBe("preparing");
  }
  await pauseMove(actor, { moveId: first });
  await until(second, isReady);
  await until(third, isReady);
  expect(await readMove(actor, first)).toMatchObject({ state: "copying", paused: true });
  await resumeMove(actor, { moveId: first });
  await throttleMove(actor, { moveId: first, pace: "fast" });
  await until(first, isReady);
  expect(await readMove(actor, second)).toMatchObject({ held: null });
});
