import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { registerServer } from "../../testing/register.ts";
import { startThrowaway, type Throwaway } from "../../testing/server.ts";
import type { MoveLoss, PlanMove } from "../contract.ts";
import { moveJobs, moveSchedules } from "../jobs.ts";
import { readLiveMove } from "../live.ts";
import { findPlacement } from "../placement.ts";
import { planMove } from "../plan/plan.ts";
import { readMove } from "../read.ts";
import { movesStanding } from "../standing.ts";
import type { Leftover } from "../sweep/contract.ts";
import { findLeftovers } from "../sweep/find.ts";
import { completeByTwo } from "../testing/complete.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { abortMove, cutOverMove } from "../verbs/act.ts";
import { giveUpPlace } from "../verbs/give-up.ts";
import { startMove } from "../verbs/start.ts";

const actor = systemActor("lost test");
/** One server that stays, and one that is lost. */
let kept: Throwaway;
let lost: Throwaway;
/** Its tenants' home stays, or is lost. */
let here: Shop;
let there: Shop;
let lostId: string;
let keptId: string;
let working: Working;
/** The lost server, after it came back. */
let returned: Awaited<ReturnType<Throwaway["again"]>>;

beforeAll(async () => {
  [kept, lost] = [await startThrowaway(), await startThrowaway()];
  process.env.CARETAKER_TEST_SERVER = kept.url;
  await freshControl();
  here = await openShop(3, 40);
  process.env.CARETAKER_TEST_SERVER = lost.url;
  there = await openShop(1, 40);
  process.env.CARETAKER_TEST_SERVER = kept.url;
  lostId = await registerServer(lost.url, here.applicationUrl);
  keptId = await registerServer(kept.url, there.applicationUrl);
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  for (const { client } of [here, there]) await client.end().catch(() => {});
  await closeFleet();
  await closeControl();
  for (const server of [kept, lost]) await server.remove();
});

async function start(input: PlanMove, cutover: "asked" | "ready"): Promise<string> {
  const { hash } = await planMove(actor, input);
  return (await startMove(actor, { ...input, planHash: hash, cutover, graceHours: 0 })).moveId;
}

/** What the screen offers once a worker could not reach the other place. */
async function lossOf(moveId: string): Promise<MoveLoss> {
  await expect.poll(async () => (await readMove(actor, moveId)).loss, { timeout: 30_000 }).not.toBeNull();
  const { loss, verbs } = await readMove(actor, moveId);
  expect(verbs).toEqual(["give_up"]);
  return loss as MoveLoss;
}

async function ask(sql: string, url: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const traces = `
  SELECT tgname::text AS trace FROM pg_trigger WHERE tgname ~ '^caretaker_move_' UNION ALL
  SELECT polname FROM pg_policy WHERE polname ~ '^caretaker_move_' UNION ALL
  SELECT relname FROM pg_class WHERE relnamespace = 'caretaker'::regnamespace AND relname ~ '^move_[0-9a-f]{12}' UNION ALL
  SELECT move_id::text FROM caretaker.move_workers UNION ALL SELECT move_id::text FROM caretaker.move_progress`;

/** What is left on the server that was lost, and came back. */
async function leftThere(): Promise<string[]> {
  const { certain, doubtful } = await findLeftovers(actor);
  const shown = ({ certain: sure, kind, tenant }: Leftover) => `${sure ? "" : "? "}${kind} of ${tenant?.name}`;
  const { rows } = await controlPool().query<{ name: string }>("SELECT name FROM servers WHERE port = $1", [lost.port]);
  const names = rows.map(({ name }) => name);
  return [...certain, ...doubtful]
    .filter(({ serverName }) => names.includes(serverName))
    .map(shown)
    .toSorted();
}

test("a move whose other server is lost for good is ended from where the tenant lives, and what lies there is found later", async () => {
  const aborting = await start({ tenantId: here.tenants.get("1") ?? "", tier: "database", serverId: lostId }, "asked");
  const completing = await start(
    { tenantId: there.tenants.get("1") ?? "", tier: "database", serverId: keptId },
    "ready",
  );
  await untilState(aborting, "ready");
  const { to } = await untilState(completing, "moved");
  const own = Object.assign(new URL(there.applicationUrl), { port: String(kept.port), pathname: to.databaseName }).href;
  const server = Object.assign(new URL(kept.url), { pathname: to.databaseName }).href;
  const consent = { typed: "Tenant 1", reason: "the machine burned", planHash: "0" };
  const early = giveUpPlace(actor, { moveId: aborting, ...consent });
  await expect(early).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("that is ready") });

  await there.client.end();
  await lost.stop("immediate");
  await abortMove(actor, { moveId: aborting });
  await completeByTwo(completing);
  for (const moveId of [aborting, completing]) {
    const { place, why, planHash } = await lossOf(moveId);
    expect(why).toBe(`Nothing accepts connections at 127.0.0.1, port ${lost.port}.`);
    expect(place.tier).toBe(moveId === aborting ? "database" : "shared");
    const agreed = { moveId, ...consent, planHash };
    await expect(giveUpPlace(actor, { ...agreed, planHash: "0" })).rejects.toMatchObject({ code: "stale_plan" });
    await expect(giveUpPlace(actor, { ...agreed, reason: "" })).rejects.toMatchObject({ code: "invalid" });
    const { actor: support } = await person("support", "Support");
    await expect(giveUpPlace(support, agreed)).rejects.toMatchObject({ code: "forbidden" });
    const gates = moveId === aborting ? here.url : server;
    await ask("UPDATE caretaker.gates SET state = 'moved'", gates);
    const closed = { code: "conflict", message: expect.stringContaining("does not say that Tenant 1 lives there") };
    await expect(giveUpPlace(actor, agreed)).rejects.toMatchObject(closed);
    await ask("UPDATE caretaker.gates SET state = 'open'", gates);
    await giveUpPlace(actor, agreed);
  }
  await untilState(aborting, "aborted");
  await untilState(completing, "completed");
  expect((await readMove(actor, completing)).events[0]?.line).toMatch(
    /in the shared tables of test_\w+ on server \w+ stays there: at most customers 20, orders 40, lines 80, notes 10 rows/,
  );

  expect(await ask(traces, here.url)).toEqual([]);
  expect(await ask("SELECT FROM caretaker.gates", here.url)).toEqual([]);
  const write = (key: string) =>
    `BEGIN; SET LOCAL app.current_tenant_id = '${key}'; INSERT INTO orders (tenant_id, note) VALUES (${key}, 'after'); COMMIT`;
  await ask(write("1"), here.applicationUrl);
  expect(await ask(traces, server)).toEqual([]);
  await ask(write("1"), own);
  expect(await ask("SELECT count(*)::int AS orders FROM orders", server)).toEqual([{ orders: 41 }]);
  const lives = { tenant: there.tenants.get("1") ?? "" };
  expect(await findPlacement(actor, lives)).toMatchObject({ tier: "database", database: to.databaseName });
  // Nothing holds the tenant any more.
  const next = await start({ tenantId: here.tenants.get("1") ?? "", tier: "schema" }, "asked");
  await untilState(next, "ready");
  await abortMove(actor, { moveId: next });
  await untilState(next, "aborted");

  returned = await lost.again();
  expect(await leftThere()).toEqual(["? rows of Tenant 1", "database of Tenant 1", "fences of Tenant 1"]);
}, 180_000);

test("a place that answers is not given up", async () => {
  const moveId = await start({ tenantId: here.tenants.get("2") ?? "", tier: "schema" }, "asked");
  await untilState(moveId, "ready");
  await controlPool().query(
    "UPDATE moves SET state = 'aborting', silent_since = now(), silent_why = '' WHERE id = $1",
    [moveId],
  );
  const { loss } = await readMove(actor, moveId);
  const agreed = { moveId, typed: "Tenant 2", reason: "gone", planHash: loss?.planHash };
  await expect(giveUpPlace(actor, agreed)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/answers\.$/),
  });
});

test("a cutover to a server that is lost is taken back where the tenant never left, and the move can be ended", async () => {
  const moveId = await start({ tenantId: here.tenants.get("3") ?? "", tier: "database", serverId: lostId }, "asked");
  await untilState(moveId, "ready");
  await returned.stop("immediate");
  // As if the lost place might have been opened: nobody here can know.
  await ask("UPDATE caretaker.gates SET state = 'moved' WHERE tenant_key = '3'", here.url);
  await cutOverMove(actor, { moveId });
  const silent =
    "UPDATE moves SET silent_since = now() - interval '11 minutes' WHERE id = $1 AND silent_since IS NOT NULL";
  await expect.poll(async () => (await controlPool().query(silent, [moveId])).rowCount, { timeout: 30_000 }).toBe(1);
  expect(await movesStanding(actor, { tenantId: here.tenants.get("3") })).toMatchObject({ failed: 1, running: 0 });
  const given = async () => (await readLiveMove(actor, moveId)).job?.state;
  await expect.poll(given, { timeout: 60_000 }).toBe("failed");
  expect(await readMove(actor, moveId)).toMatchObject({ state: "cutting", verbs: [] });

  await ask("UPDATE caretaker.gates SET state = 'open' WHERE tenant_key = '3'", here.url);
  const log = pino({ level: "silent" });
  for (const one of moveSchedules) {
    if ("run" in one) await one.run.run(passing(one.name, actor, new AbortController().signal, log));
  }
  await expect.poll(async () => (await readMove(actor, moveId)).state, { timeout: 60_000 }).toBe("ready");
  await expect.poll(async () => (await readMove(actor, moveId)).error).toContain("has not been there for 10 minutes");

  await abortMove(actor, { moveId });
  const { planHash } = await lossOf(moveId);
  await giveUpPlace(actor, { moveId, typed: "Tenant 3", reason: "it burned again", planHash });
  await untilState(moveId, "aborted");
  await ask("INSERT INTO orders (tenant_id, note) VALUES (3, 'after')", here.url);
  const { rows: nobody } = await controlPool().query(
    `SELECT changes FROM caretaker.audit_logs
      WHERE resource_type = 'moves' AND user_id IS NULL AND (changes ->> 'silent_why' <> '' OR changes ? 'pause_ms')`,
  );
  expect(nobody).toEqual([]);
}, 180_000);
