import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { Receipt } from "../../jobs/kind.ts";
import { ownName } from "../../managed/own-name.ts";
import { Killed } from "../make/testing.ts";
import { readTenant } from "../read.ts";
import { suspendNamed } from "../testing.ts";
import { listPapers } from "./papers.ts";
import { planLeave } from "./plan.ts";
import { awkward, openStage, type Stage } from "./testing.ts";

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

async function suspend(tenantId: string): Promise<void> {
  await suspendNamed(stage.ada.actor, { tenantId, reason: "leaving" });
}

/** Killed when everything but the removal is done; the receipts go on from there. */
async function untilRemoval(tenantId: string, how: "archive" | "delete"): Promise<Map<string, Receipt>> {
  const receipts = new Map<string, Receipt>();
  const killed = stage.leave(tenantId, how, (step, when) => step === "remove its rows" && when === "before", receipts);
  await expect(killed).rejects.toThrow(Killed);
  return receipts;
}

async function listed(key: string): Promise<boolean> {
  const { rowCount } = await stage.shop.client.query('SELECT FROM "My App"."Organization" WHERE id = $1', [key]);
  return rowCount === 1;
}

test.each(["schema", "database"] as const)(
  "what is written into the %s tier while the archive is proven is not removed",
  async (tier) => {
    const { id, key } = await stage.tenantIn(tier, `Written to in ${tier}`);
    await suspend(id);
    const receipts = await untilRemoval(id, "archive");
    const inside = await stage.inside(id);
    await inside.query(`INSERT INTO orders ("orgId", note) VALUES ($1, 'late')`, [key]);
    await expect(stage.leave(id, "archive", undefined, receipts)).rejects.toMatchObject({ code: "stale_plan" });
    expect((await inside.query("SELECT FROM orders")).rowCount).toBe(awkward.length + 1);
    await inside.end();
    expect(await listed(key)).toBe(true);
  },
  60_000,
);

test.each(["schema", "database"] as const)(
  "a write that is under way in the %s tier is waited for, and then not removed",
  async (tier) => {
    const { id } = await stage.tenantIn(tier, `Writing in ${tier}`);
    await suspend(id);
    const receipts = await untilRemoval(id, "delete");
    const inside = await stage.inside(id);
    await inside.query("BEGIN");
    // No insert, which would hold the row that lists the tenant by its foreign key.
    await inside.query("UPDATE orders SET note = 'late' WHERE note = 'plain'");
    const left = stage.leave(id, "delete", undefined, receipts);
    const refused = expect(left).rejects.toMatchObject({ code: "stale_plan" });
    await wait(300);
    await inside.query("COMMIT");
    await refused;
    expect((await inside.query("SELECT FROM orders WHERE note = 'late'")).rowCount).toBe(1);
    await inside.end();
  },
  60_000,
);

test("a database in which another tenant lives is not dropped", async () => {
  const { id } = await stage.tenantIn("database", "Landlord");
  const guest = await stage.tenantIn("shared", "Guest");
  await suspend(id);
  const receipts = await untilRemoval(id, "delete");
  const own = await controlPool().query<{ id: string }>("SELECT id FROM databases WHERE name = $1", [ownName(id)]);
  await controlPool().query(
    "UPDATE placements SET tier = 'schema', database_id = $2, schema = 't_guest' WHERE tenant_id = $1",
    [guest.id, own.rows[0]?.id],
  );
  await expect(stage.leave(id, "delete", undefined, receipts)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("Guest"),
  });
  const { problems } = await planLeave(stage.ada.actor, { tenantId: id, how: "delete" });
  expect(problems.filter(({ severity }) => severity === "blocking").map(({ subject }) => subject)).toEqual([
    ownName(id),
  ]);
  await (await stage.inside(id)).end();
});

test("plan and certificate say what becomes of the log, and what else goes with a database", async () => {
  const { id } = await stage.tenantIn("database", "With its log");
  const inside = await stage.inside(id);
  await inside.query("CREATE TABLE public.scratchpad (id int)");
  await inside.end();
  await suspend(id);
  const { problems } = await planLeave(stage.ada.actor, { tenantId: id, how: "delete" });
  const log = problems.find(({ subject }) => subject === "the audit log");
  expect(log).toMatchObject({ severity: "warning", message: expect.stringContaining(`log in ${ownName(id)} goes`) });
  expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining("public.scratchpad"));
  await stage.leave(id, "delete");
  const [certificate] = await listPapers(stage.ada.actor, id);
  expect(certificate?.facts).toMatchObject({
    stillHeldBy: { auditLog: log?.message },
    goneWithItsDatabase: expect.arrayContaining(["public.scratchpad"]),
  });
  const shared = await stage.tenantIn("shared", "Without its log");
  const plan = await planLeave(stage.ada.actor, { tenantId: shared.id, how: "delete" });
  expect(plan.problems.find(({ subject }) => subject === "the audit log")?.message).toContain("stay until");
  expect((await readTenant(stage.ada.actor, shared.id)).tier).toBe("shared");
});
