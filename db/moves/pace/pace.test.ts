import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { moveJobs } from "../jobs.ts";
import { planMove } from "../plan/plan.ts";
import { readMove } from "../read.ts";
import { openSession } from "../session.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { abortMove, throttleMove } from "../verbs/act.ts";
import { startMove } from "../verbs/start.ts";
import { look } from "./look.ts";

const actor = systemActor("pace test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(2, 3_000);
  await shop.client.query("CREATE SCHEMA aside; CREATE TABLE aside.heap (a text)");
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
});

async function connected(): Promise<pg.Client> {
  const client = new pg.Client(shop.url);
  await client.connect();
  return client;
}

async function untilHeld(moveId: string, words: RegExp): Promise<string> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    const { held, state } = await readMove(actor, moveId);
    if (held && words.test(held)) return held;
    if (state === "ready") break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`The move was not held back by ${words}.`);
}

test("a look sees who works, who waits for a lock, what is written to the log, and how long a commit takes", async () => {
  const session = await openSession(shop.id, "00000000-0000-4000-8000-000000000001");
  const [holder, waiter] = [await connected(), await connected()];
  try {
    await holder.query("BEGIN; LOCK TABLE aside.heap");
    const before = await look(session.client);
    expect(before).toMatchObject({ othersWork: true, replicas: [] });
    expect(before.commitMs).toBeGreaterThan(0);
    const waiting = waiter.query("SELECT FROM aside.heap");
    await holder.query("INSERT INTO aside.heap SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = await look(session.client);
    expect(after.waitingSessions).toBeGreaterThanOrEqual(1);
    expect(after.walBytes - before.walBytes).toBeGreaterThan(2_000_000);
    await holder.query("COMMIT");
    await waiting;
  } finally {
    await session.close();
    await holder.end();
    await waiter.end();
  }
});

test("a move takes a share of the time where others work, less where they wait for locks, and says so; it ends all the same", async () => {
  const input = { tenantId: shop.tenants.get("1") ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const [holder, waiter] = [await connected(), await connected()];
  await holder.query("BEGIN; LOCK TABLE aside.heap");
  const { moveId } = await startMove(actor, {
    ...input,
    planHash: hash,
    cutover: "asked",
    pace: "gentle",
    throttleRows: 1_000,
    graceHours: 0,
  });
  try {
    expect(await untilHeld(moveId, /Others work on/)).toMatch(/works \d+ % of the time.* At most 1000 rows a second/);
    const waiting = waiter.query("SELECT FROM aside.heap");
    await throttleMove(actor, { moveId, pace: "gentle", waitingSessions: 0 });
    expect(await untilHeld(moveId, /wait for locks/)).toMatch(/more than 0\. It works (5|10|15) % of the time/);
    await holder.query("COMMIT");
    await waiting;
    await throttleMove(actor, { moveId, pace: "fast" });
    await untilState(moveId, "ready");
    const move = await readMove(actor, moveId);
    expect(move).toMatchObject({ held: null, pace: "fast", paceLimits: {}, throttleRows: null });
    expect(move.tables.every(({ verifiedAt }) => verifiedAt !== null)).toBe(true);
    expect(move.events.map(({ line }) => line)).toContain("Pace: gentle, at most 0 sessions waiting for locks.");
    await abortMove(actor, { moveId });
    await untilState(moveId, "aborted");
  } finally {
    await holder.end();
    await waiter.end();
  }
});
