import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { Receipt } from "../../jobs/kind.ts";
import { Killed } from "../make/testing.ts";
import { reopenTenant } from "../reopen.ts";
import { suspendNamed } from "../testing.ts";
import { leaveTenant, planLeave } from "./plan.ts";
import { awkward, type Leaver, openStage, type Stage } from "./testing.ts";

let stage: Stage;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-leave-"));
  stage = await openStage();
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

async function suspended(name: string): Promise<Leaver> {
  const leaver = await stage.tenantIn("shared", name);
  await suspendNamed(stage.ada.actor, { tenantId: leaver.id, reason: "leaving" });
  return leaver;
}

async function archive(tenantId: string, typed: string): Promise<{ jobId: string }> {
  const { hash } = await planLeave(stage.ada.actor, { tenantId, how: "archive" });
  return await leaveTenant(stage.ada.actor, { tenantId, how: "archive", planHash: hash, typed, reason: "it ends" });
}

const enterMove = `INSERT INTO moves (tenant_id, from_placement_id, to_placement_id, plan_hash, plan, cutover, grace_hours, actor_name, pace)
                   SELECT tenant_id, id, id, 'x', '{}', 'asked', 0, 'Ben', 'normal' FROM placements WHERE tenant_id = $1 AND state = 'open'`;

const ordersOf = async ({ key }: Leaver): Promise<number | null> =>
  (await stage.shop.client.query('SELECT FROM "My App".orders WHERE "orgId" = $1', [key])).rowCount;

test("a tenant whose move starts while its leaving is being asked for does not leave", async () => {
  const { id } = await suspended("Both at once");
  const mover = await controlPool().connect();
  await mover.query("BEGIN");
  await mover.query("SELECT FROM tenants WHERE id = $1 FOR UPDATE", [id]);
  const refused = expect(archive(id, "Both at once")).rejects.toMatchObject({ code: "conflict" });
  const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  await expect.poll(async () => (await controlPool().query(waiting)).rowCount).toBe(1);
  await mover.query(enterMove, [id]);
  await mover.query("COMMIT");
  mover.release();
  await refused;
});

test("a tenant leaves once", async () => {
  const { id } = await suspended("Twice asked");
  await archive(id, "Twice asked");
  await expect(archive(id, "Twice asked")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("already"),
  });
});

test.each([
  ["is being moved", (id: string) => controlPool().query(enterMove, [id])],
  [
    "lives elsewhere by now",
    (id: string) =>
      controlPool().query("UPDATE placements SET schema = 't_elsewhere' WHERE tenant_id = $1 AND state = 'open'", [id]),
  ],
  ["was reopened", (id: string) => reopenTenant(stage.ada.actor, { tenantId: id })],
])("right before the removal it is seen that the tenant %s", async (what, happens) => {
  const leaver = await suspended(`It ${what}`);
  const receipts = new Map<string, Receipt>();
  const dies = (step: string, when: string): boolean => step === "remove its rows" && when === "before";
  await expect(stage.leave(leaver.id, "archive", dies, receipts)).rejects.toThrow(Killed);
  await happens(leaver.id);
  await expect(stage.leave(leaver.id, "archive", undefined, receipts)).rejects.toMatchObject({ code: "conflict" });
  expect(await ordersOf(leaver)).toBe(awkward.length);
});
