import { randomUUID } from "node:crypto";
import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { type Working, work } from "../jobs/work.ts";
import { guardStatements } from "../managed/moving/guard.ts";
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

test.each([
  {
    type: "integer",
    key: "7",
    spelt: ["7", "007", " 7 ", "+7"],
    others: ["8", "", "x7", "7 7", "99999999999999999999"],
  },
  { type: "numeric(9,2)", key: "7.00", spelt: ["7", "7.0"], others: ["7.01", "seven"] },
  {
    type: "uuid",
    key: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    spelt: ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc999c0b4ef8bb6d6bb9bd380a11}"],
    others: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12", "{a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc99"],
  },
  { type: "text", key: "acme", spelt: ["acme"], others: ["Acme", "007"] },
])("a stale reader is refused however its session spells a key of type $type, and others read on", async (given) => {
  const { type, key, spelt, others } = given;
  const standing = { moveId: randomUUID(), tenantKey: key, side: "a" as const, schema: "public", shared: true };
  const column = { column: "owner", type, steps: [] };
  const table = { ordinal: 0, name: "kept", keys: [], columns: ["owner"], binary: true, tenant: column };
  const guards = guardStatements(table, standing, { enabled: true, forced: false }).map(({ sql }) => sql);
  await shop.client.query(
    `DROP TABLE IF EXISTS kept; CREATE TABLE kept (owner ${type}); INSERT INTO kept VALUES (${pg.escapeLiteral(key)});
     GRANT SELECT ON kept TO PUBLIC; ALTER TABLE kept ENABLE ROW LEVEL SECURITY; CREATE POLICY everybody ON kept USING (true);
     ${guards.join(";")}`,
  );
  await shop.client.query("INSERT INTO caretaker.gates VALUES ($1, 'public', 'moved', $2, '{}', '{}')", [
    key,
    standing.moveId,
  ]);
  for (const named of spelt) await expect(rowsOf(named, "kept"), named).rejects.toMatchObject({ code: "55P04" });
  for (const named of others) expect(await rowsOf(named, "kept"), named).toBe(1);
});
