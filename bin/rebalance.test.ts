import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet, withDatabase } from "#db/fleet.ts";
import { passing } from "#db/jobs/passing.ts";
import { type Working, work } from "#db/jobs/work.ts";
import { systemActor } from "#db/mint.ts";
import { openShop, type Shop } from "#db/moves/testing/shop.ts";
import { previewRebalance } from "#db/placing/rebalance/preview.ts";
import { newestRebalance } from "#db/placing/rebalance/read.ts";
import { startRebalance } from "#db/placing/rebalance/start.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import { kinds, schedules } from "./worker-kinds.ts";

const actor = systemActor("rebalance test");
const log = pino({ level: process.env.VERBOSE ? "info" : "silent" });
const gb = 1_000_000_000;
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(3, 200);
  working = work(kinds, { log, pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

/** What the worker's schedule does every minute. */
async function tend(): Promise<void> {
  const schedule = schedules.find(({ name }) => name === "placing.rebalance");
  if (!schedule || !("run" in schedule)) throw new Error("The queue of moves is not tended.");
  await schedule.run.run(passing(randomUUID(), actor, new AbortController().signal, log));
}

async function serverOf(databaseId: string): Promise<string> {
  const { rows } = await controlPool().query<{ id: string }>("SELECT server_id AS id FROM databases WHERE id = $1", [
    databaseId,
  ]);
  return rows[0]?.id ?? "";
}

test("a rebalancing moves tenants to databases of their own on the other server, and their rows with them", async () => {
  const here = await serverOf(shop.id);
  const there = await serverOf(await registerDatabase(await freshDatabase()));
  await controlPool().query("UPDATE servers SET disk_bytes = $1 WHERE id = ANY ($2)", [100 * gb, [here, there]]);
  await controlPool().query(
    "INSERT INTO server_samples (server_id, used_bytes, active_ms) VALUES ($1, $3, 0), ($2, $4, 0)",
    [here, there, 78 * gb, gb],
  );
  await controlPool().query(
    "UPDATE tenants SET size_bytes = CASE key WHEN '1' THEN 9 ELSE 1 END * $1::bigint WHERE home_database_id = $2",
    [gb, shop.id],
  );
  const rows = await shop.client.query("SELECT count(*)::int AS orders FROM orders WHERE tenant_id = 1");

  const plan = await previewRebalance(actor, 70);
  expect(plan.moves).toMatchObject([{ tenantName: "Tenant 1", fromServerId: here, toServerId: there }]);
  await startRebalance(actor, { limit: 70, planHash: plan.hash });
  await expect
    .poll(
      async () => {
        await tend();
        return (await newestRebalance(actor))?.items.map(({ state, error }) => error ?? state);
      },
      { timeout: 90_000, interval: 500 },
    )
    .toEqual(["moved"]);
  await tend();
  expect((await newestRebalance(actor))?.state).toBe("done");
  const { rows: places } = await controlPool().query<{ tier: string; server: string; database: string }>(
    `SELECT p.tier, d.server_id AS server, d.id AS database FROM placements p JOIN databases d ON d.id = p.database_id
      WHERE p.tenant_id = $1 AND p.state = 'open'`,
    [shop.tenants.get("1")],
  );
  expect(places).toMatchObject([{ tier: "database", server: there }]);
  const moved = await withDatabase(places[0]?.database ?? "", (client) =>
    client.query("SELECT count(*)::int AS orders FROM public.orders"),
  );
  expect(moved.rows).toEqual(rows.rows);
});
