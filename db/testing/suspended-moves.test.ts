import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { type Working, work } from "../jobs/work.ts";
import { moveJobs } from "../moves/jobs.ts";
import { planMove } from "../moves/plan/plan.ts";
import { openShop, type Shop } from "../moves/testing/shop.ts";
import { untilState } from "../moves/testing/until.ts";
import { cutOverMove, reverseMove } from "../moves/verbs/act.ts";
import { startMove } from "../moves/verbs/start.ts";
import { reopenTenant } from "../tenants/reopen.ts";
import { suspendNamed } from "../tenants/testing.ts";
import { freshControl } from "./databases.ts";
import { person } from "./people.ts";

let administrator: Actor;
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  shop = await openShop(2, 40);
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 20 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

/** What the application sees of its orders in a database; refused where the tenant is suspended or lives elsewhere. */
async function orders(database: string): Promise<number> {
  const url = new URL(shop.applicationUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await client.query("SET app.current_tenant_id = '1'");
    return (await client.query("SELECT FROM orders")).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

test("a suspended tenant stays suspended wherever it moves, and comes back reopened if it was reopened there", async () => {
  const tenantId = shop.tenants.get("1") ?? "";
  const home = new URL(shop.url).pathname.slice(1);
  const input = { tenantId, tier: "database" as const };
  const refused = { code: "42501", message: "Tenant 1 is suspended." };
  await suspendNamed(administrator, { tenantId, reason: "unpaid" });
  expect((await planMove(administrator, input)).problems.find(({ code }) => code === "suspended")).toMatchObject({
    severity: "blocking",
  });
  await controlPool().query(
    "UPDATE managed_tables SET row_security = true WHERE name IN ('customers', 'orders', 'notes')",
  );
  const plan = await planMove(administrator, input);
  expect(plan.problems.find(({ code }) => code === "suspended")).toMatchObject({
    severity: "warning",
    message: "Tenant 1 is suspended, and stays so at the new place.",
  });
  const { moveId } = await startMove(administrator, { ...input, planHash: plan.hash, cutover: "asked", graceHours: 0 });
  await untilState(moveId, "ready");
  await cutOverMove(administrator, { moveId });
  const { to } = await untilState(moveId, "moved");
  await expect(orders(to.databaseName)).rejects.toMatchObject(refused);
  await reopenTenant(administrator, { tenantId });
  expect(await orders(to.databaseName)).toBe(40);
  await reverseMove(administrator, { moveId });
  await untilState(moveId, "ready");
  expect(await orders(home)).toBe(40);
  await suspendNamed(administrator, { tenantId, reason: "unpaid again" });
  await cutOverMove(administrator, { moveId });
  await untilState(moveId, "moved");
  await expect(orders(to.databaseName)).rejects.toMatchObject(refused);
});
