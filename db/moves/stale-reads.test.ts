import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { type Working, work } from "../jobs/work.ts";
import { systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import { moveJobs } from "./jobs.ts";
import { planMove } from "./plan/plan.ts";
import { openShop, type Shop } from "./testing/shop.ts";
import { untilState } from "./testing/until.ts";
import { startMove } from "./verbs/start.ts";

const actor = systemActor("stale reads test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(2, 40);
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 20 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

/** How many rows a session of a tenant finds in the shared tables. */
async function rowsOf(tenant: string, from: string): Promise<number> {
  const client = new pg.Client(shop.applicationUrl);
  await client.connect();
  try {
    await client.query("SELECT set_config('app.current_tenant_id', $1, false)", [tenant]);
    return (await client.query(`SELECT FROM ${from}`)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

test("what the plan says about a table without the tenant's key makes its stale readers fail, and nobody else", async () => {
  const input = { tenantId: shop.tenants.get("1") ?? "", tier: "schema" as const };
  const stale = (await planMove(actor, input)).problems.find(({ code }) => code === "stale_reads");
  expect(stale?.subject).toBe("lines");
  const sql = /CREATE POLICY .*;$/.exec(stale?.fix ?? "")?.[0] ?? "";
  expect(sql).toContain("ENABLE ROW LEVEL SECURITY");
  await shop.client.query(sql);
  const plan = await planMove(actor, input);
  expect(plan.problems.some(({ code }) => code === "stale_reads")).toBe(false);
  const { moveId } = await startMove(actor, { ...input, planHash: plan.hash, cutover: "ready", graceHours: 0 });
  await untilState(moveId, "moved");
  await expect(rowsOf("1", "lines")).rejects.toMatchObject({ code: "55P04", hint: expect.stringContaining('"tier"') });
  expect(await rowsOf("2", "lines JOIN orders ON id = order_id")).toBe(80);
});
