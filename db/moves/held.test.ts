import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool, inControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { enforceHolds } from "../holding/enforce.ts";
import { type Working, work } from "../jobs/work.ts";
import { systemActor } from "../mint.ts";
import { placeHoldSchema } from "../records/holds/contract.ts";
import { placeHold } from "../records/holds/place.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import type { MoveState } from "./contract.ts";
import { moveJobs } from "./jobs.ts";
import { readMoveRecord } from "./move.ts";
import { planMove } from "./plan/plan.ts";
import { completeByTwo } from "./testing/complete.ts";
import { openShop, type Shop } from "./testing/shop.ts";
import { untilState } from "./testing/until.ts";
import { abortMove, cutOverMove, reverseMove } from "./verbs/act.ts";
import { enqueueMove, startMove } from "./verbs/start.ts";

const actor = systemActor("holds and moves");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(2, 20);
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

const tenantId = (key: string) => shop.tenants.get(key) ?? "";

async function orderOf(key: string): Promise<string> {
  const { rows } = await shop.client.query<{ id: string }>(
    "SELECT min(id)::text AS id FROM orders WHERE tenant_id = $1",
    [key],
  );
  return rows[0]?.id ?? "";
}

async function hold(name: string, of: object): Promise<void> {
  const { actor: compliance } = await person("administrator", name);
  await placeHold(compliance, placeHoldSchema.parse({ name, databaseId: shop.id, reason: "Smith v. One", ...of }));
}

async function release(name: string): Promise<void> {
  await controlPool().query("UPDATE legal_holds SET released_at = now() WHERE name = $1", [name]);
  await enforceHolds(actor, shop.id);
}

async function held(key: string): Promise<string[]> {
  const { problems } = await planMove(actor, { tenantId: tenantId(key), tier: "schema" });
  return problems.filter(({ severity }) => severity === "blocking").map(({ message }) => message);
}

/** Asks a stopped move to go on, as the worker's schedule does. */
async function tend(moveId: string): Promise<void> {
  await controlPool().query("UPDATE moves SET error = NULL WHERE id = $1", [moveId]);
  const move = await readMoveRecord(moveId);
  await inControl(actor, (_tx, client) => enqueueMove(client, actor, move));
}

async function untilStopped(moveId: string, state: MoveState, why: RegExp): Promise<void> {
  const now = async () => {
    const { state: is, error } = await readMoveRecord(moveId);
    return `${is}: ${error}`;
  };
  await expect.poll(now, { timeout: 30_000 }).toMatch(new RegExp(`^${state}: .*${why.source}`));
}

test("a hold stands in the way of the tenant whose rows it keeps, unless it goes along", async () => {
  await hold("one order", { kind: "record", table: "public.orders", record: await orderOf("2") });
  await hold("all of one", { kind: "tenant", tenant: "1" });
  expect(await held("1")).toEqual([]);
  expect(await held("2")).toEqual([expect.stringMatching(/The legal hold one order keeps rows of Tenant 2/)]);
  await release("one order");
  await release("all of one");
});

test("a hold that is placed while a move is under way stops the cutover, the way back, and the removal of what was left", async () => {
  const input = { tenantId: tenantId("1"), tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  const { to } = await untilState(moveId, "ready");

  await hold("late", { kind: "record", table: "public.orders", record: await orderOf("1") });
  await cutOverMove(actor, { moveId });
  await untilStopped(moveId, "ready", /The legal hold late keeps rows of Tenant 1 in public\.orders/);
  await hold("whole", { kind: "tenant", tenant: "1" });
  await release("late");
  await cutOverMove(actor, { moveId });
  await untilState(moveId, "moved");

  await hold("later", { kind: "filter", table: `${to.schema}.orders`, where: "note = note 1" });
  await reverseMove(actor, { moveId });
  await untilStopped(moveId, "moved", /The legal hold later keeps rows of Tenant 1/);
  await completeByTwo(moveId);
  await untilStopped(moveId, "completing", /The legal hold whole keeps rows that Tenant 1 left in public\./);
  await release("whole");
  await tend(moveId);
  await untilState(moveId, "completed");
  await release("later");
});

test("a place of its own is not dropped while a hold keeps a row there that it keeps nowhere else", async () => {
  const input = { tenantId: tenantId("1"), tier: "shared" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "ready", graceHours: 0 });
  const { from } = await untilState(moveId, "moved");
  await hold("left", { kind: "table", table: `${from.schema}.orders` });
  await completeByTwo(moveId);
  await untilStopped(moveId, "completing", /The legal hold left keeps rows that Tenant 1 left/);
  const { rowCount } = await shop.client.query(`SELECT FROM ${from.schema}.orders`);
  expect(rowCount).toBeGreaterThan(0);
  await release("left");
  await tend(moveId);
  await untilState(moveId, "completed");
});

test("a move back is not taken for ended while a hold keeps a row at the place that it came back from", async () => {
  const input = { tenantId: tenantId("2"), tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "ready", graceHours: 0 });
  const { to } = await untilState(moveId, "moved");
  await reverseMove(actor, { moveId });
  await untilState(moveId, "ready");
  await hold("behind", { kind: "table", table: `${to.schema}.orders` });
  await abortMove(actor, { moveId });
  await untilStopped(moveId, "aborting", /The legal hold behind keeps rows that Tenant 2 left/);
  await release("behind");
  await tend(moveId);
  await untilState(moveId, "aborted");
});

test("a held tenant's rows are held at the new place before it opens, and are carried both ways", async () => {
  await hold("moving", { kind: "tenant", tenant: "2" });
  const input = { tenantId: tenantId("2"), tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  const { to } = await untilState(moveId, "ready");
  const order = await orderOf("2");
  const note = async (schema: string, text: string) => {
    await shop.client.query(`UPDATE ${schema}.orders SET note = $2 WHERE id = $1`, [order, text]);
  };
  const notes = async (schema: string) =>
    (await shop.client.query(`SELECT note FROM ${schema}.orders WHERE id = $1`, [order])).rows[0].note;
  await note("public", "before the cutover");
  await cutOverMove(actor, { moveId });
  await untilState(moveId, "moved");
  expect(await notes(to.schema)).toBe("before the cutover");
  await expect(shop.client.query(`DELETE FROM ${to.schema}.orders`)).rejects.toThrow(/The legal hold "moving" keeps/);

  await note(to.schema, "at the new place");
  await reverseMove(actor, { moveId });
  await untilState(moveId, "ready");
  expect(await notes("public")).toBe("at the new place");
  await expect(shop.client.query("DELETE FROM orders WHERE tenant_id = 2")).rejects.toThrow(/keeps/);
  await abortMove(actor, { moveId });
  await untilState(moveId, "aborted");
  await release("moving");
});

test("a row that a hold keeps at the place that was left alone is not removed there after it was deleted at the new one", async () => {
  const input = { tenantId: tenantId("2"), tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "ready", graceHours: 0 });
  const { to } = await untilState(moveId, "moved");
  const order = await orderOf("2");
  await hold("copy", { kind: "record", table: "public.orders", record: order });
  await shop.client.query(`DELETE FROM ${to.schema}.lines WHERE order_id = $1`, [order]);
  await shop.client.query(`DELETE FROM ${to.schema}.orders WHERE id = $1`, [order]);
  await shop.client.query(`UPDATE ${to.schema}.orders SET note = 'goes along'`);
  await tend(moveId);
  await untilStopped(moveId, "moved", /The legal hold "copy" keeps public\.orders/);
  expect((await shop.client.query("SELECT FROM orders WHERE id = $1", [order])).rowCount).toBe(1);
  await release("copy");
  await tend(moveId);
  await expect
    .poll(async () => (await shop.client.query("SELECT FROM orders WHERE id = $1", [order])).rowCount, {
      timeout: 30_000,
    })
    .toBe(0);
  await reverseMove(actor, { moveId });
  await untilState(moveId, "ready");
  await abortMove(actor, { moveId });
  await untilState(moveId, "aborted");
});
