import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { planRemoval, removeAdoption } from "../databases/remove.ts";
import { closeFleet } from "../fleet.ts";
import { systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import { planMove } from "./plan/plan.ts";
import { readMove } from "./read.ts";
import { movesStanding } from "./standing.ts";
import { openShop, type Shop } from "./testing/shop.ts";
import { pauseMove, resumeMove } from "./verbs/act.ts";
import { scheduleCutover } from "./verbs/schedule.ts";
import { startMove } from "./verbs/start.ts";

const actor = systemActor("moves test");
let shop: Shop;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(2, 20);
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

// There is no worker here, so that the move stays where it is.
test("a move whose job ended without a word has stopped, can be resumed and not paused, and is counted so", async () => {
  const input = { tenantId: shop.tenants.get("1") ?? "", tier: "schema" as const };
  const { hash } = await planMove(actor, input);
  const { moveId, jobId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  expect(await readMove(actor, moveId)).toMatchObject({
    error: null,
    verbs: ["pause", "throttle", "schedule", "abort"],
  });
  expect(await movesStanding(actor, {})).toMatchObject({ running: 1, failed: 0 });

  await controlPool().query("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1", [jobId]);
  expect(await readMove(actor, moveId)).toMatchObject({
    error: "No worker is at it: its job is cancelled.",
    verbs: ["resume", "throttle", "schedule", "abort"],
  });
  expect(await movesStanding(actor, {})).toMatchObject({ running: 0, failed: 1 });
  await expect(pauseMove(actor, { moveId })).rejects.toMatchObject({ code: "conflict" });

  await resumeMove(actor, { moveId });
  expect(await readMove(actor, moveId)).toMatchObject({
    error: null,
    verbs: ["pause", "throttle", "schedule", "abort"],
  });
});

test("nothing is removed from a database whose tenants move or live apart", async () => {
  const { rows } = await controlPool().query<{ home: string; name: string }>(
    "SELECT home_database_id AS home, name FROM tenants WHERE id = $1",
    [shop.tenants.get("1")],
  );
  const { home = "", name = "" } = rows[0] ?? {};
  const messages = async () => (await planRemoval(actor, home)).problems.map(({ message }) => message);
  expect(await messages()).toEqual([`${name} is being moved, and what keeps its writes in one place would go.`]);
  const { hash } = await planRemoval(actor, home);
  await expect(removeAdoption(actor, { databaseId: home, planHash: hash })).rejects.toMatchObject({ code: "conflict" });

  const live = (tier: string) =>
    controlPool().query("UPDATE placements SET tier = $2 WHERE tenant_id = $1 AND state = 'open'", [
      shop.tenants.get("2"),
      tier,
    ]);
  await live("schema");
  expect(await messages()).toContainEqual(expect.stringContaining("lives in a place of its own"));
  await live("shared");
});

test("a time to cut over is set, and taken back", async () => {
  const { rows } = await controlPool().query<{ id: string }>("UPDATE moves SET state = 'ready' RETURNING id");
  const moveId = rows[0]?.id ?? "";
  await scheduleCutover(actor, { moveId, cutover: "at", cutoverAt: "2100-01-01T04:00:00+01:00" });
  const scheduled = await readMove(actor, moveId);
  expect(scheduled).toMatchObject({ cutover: "at", cutoverAt: "2100-01-01T03:00:00.000000Z" });
  expect(scheduled.events[0]?.line).toBe("The cutover is to be at 2100-01-01 03:00:00 UTC, when it is ready by then.");
  await scheduleCutover(actor, { moveId, cutover: "asked" });
  expect(await readMove(actor, moveId)).toMatchObject({ state: "ready", cutover: "asked", cutoverAt: null });
});
