import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { Receipt } from "../../jobs/kind.ts";
import { Killed } from "../make/testing.ts";
import { readTenant } from "../read.ts";
import type { LeavePlan } from "./contract.ts";
import { planLeave } from "./plan.ts";
import { type Leaver, openStage, type Stage } from "./testing.ts";

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

async function planned({ id }: Leaver): Promise<LeavePlan["problems"]> {
  const { name } = await readTenant(stage.ada.actor, id);
  const { problems } = await planLeave(stage.ada.actor, { tenantId: id, how: "delete" });
  return problems.filter(({ severity, subject }) => severity !== "note" && subject === name);
}

async function ordersOf({ key }: Leaver): Promise<number | null> {
  return (await stage.shop.client.query('SELECT FROM "My App".orders WHERE "orgId" = $1', [key])).rowCount;
}

/** As the import of tenants does with one that the application marks as deleted, or lists no more. */
async function archivedByImport({ id }: Leaver): Promise<void> {
  await controlPool().query("UPDATE tenants SET status = 'archived', status_reason = 'gone' WHERE id = $1", [id]);
}

const may = "may go on writing";

test("where the application's role passes row security, a tenant may leave that cannot be suspended, and a warning says so", async () => {
  const leaver = await stage.tenantIn("shared", "Bypassed");
  expect(await planned(leaver)).toMatchObject([{ severity: "blocking" }]);
  const role = pg.escapeIdentifier(new URL(stage.shop.applicationUrl).username);
  await stage.shop.client.query(`ALTER ROLE ${role} BYPASSRLS`);
  expect(await planned(leaver)).toMatchObject([{ severity: "warning", message: expect.stringContaining(may) }]);
  await stage.leave(leaver.id, "archive");
  await stage.shop.client.query(`ALTER ROLE ${role} NOBYPASSRLS`);
  expect(await ordersOf(leaver)).toBe(0);
});

test("where no row security is in force, what an unsuspended tenant's application writes stops the removal", async () => {
  const leaver = await stage.tenantIn("shared", "Unguarded");
  await stage.shop.client.query('ALTER TABLE "My App".orders DISABLE ROW LEVEL SECURITY');
  expect(await planned(leaver)).toMatchObject([{ severity: "warning", message: expect.stringContaining(may) }]);
  const receipts = new Map<string, Receipt>();
  const dies = (step: string, when: string): boolean => step === "remove its rows" && when === "before";
  await expect(stage.leave(leaver.id, "delete", dies, receipts)).rejects.toThrow(Killed);
  await stage.shop.client.query(`INSERT INTO "My App".orders ("orgId", note) VALUES ($1, 'late')`, [leaver.key]);
  const before = await ordersOf(leaver);
  await expect(stage.leave(leaver.id, "delete", undefined, receipts)).rejects.toMatchObject({ code: "stale_plan" });
  await stage.shop.client.query('ALTER TABLE "My App".orders ENABLE ROW LEVEL SECURITY');
  expect(await ordersOf(leaver)).toBe(before);
});

test("a tenant that the application marks as deleted may leave", async () => {
  const leaver = await stage.tenantIn("shared", "Softly deleted");
  await archivedByImport(leaver);
  expect(await planned(leaver)).toMatchObject([{ severity: "warning", message: expect.stringContaining(may) }]);
  await stage.leave(leaver.id, "archive");
  expect(await ordersOf(leaver)).toBe(0);
  expect((await readTenant(stage.ada.actor, leaver.id)).tier).toBe(null);
});

test("a tenant that is listed no more leaves with the rows that it still has", async () => {
  const leaver = await stage.tenantIn("shared", "Unlisted");
  await stage.shop.client.query('ALTER TABLE "My App".orders DROP CONSTRAINT "orders_orgId_fkey"');
  await stage.shop.client.query('DELETE FROM "My App"."Organization" WHERE id = $1', [leaver.key]);
  await archivedByImport(leaver);
  await stage.leave(leaver.id, "delete");
  expect(await ordersOf(leaver)).toBe(0);
});
