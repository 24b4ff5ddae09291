import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { Receipt } from "../../jobs/kind.ts";
import { ownName } from "../../managed/own-name.ts";
import { objectStore } from "../../objects/configured.ts";
import { type Person, person } from "../../testing/people.ts";
import type { Shop } from "../fixture.ts";
import { attempt, Killed } from "../make/testing.ts";
import { readTenant } from "../read.ts";
import { suspendNamed } from "../testing.ts";
import { leaveJobs } from "./job.ts";
import { listPapers, openPaper } from "./papers.ts";
import { leaveTenant, planLeave } from "./plan.ts";
import { tenantsToDelete } from "./proposed.ts";
import { awkward, openStage, type Stage } from "./testing.ts";

let stage: Stage;
let shop: Shop;
let ada: Person;
let ben: Person;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-leave-"));
  stage = await openStage();
  ({ shop, ada, ben } = stage);
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

test("an export holds every row of the tenant, and of nobody else, as it is", async () => {
  const { id, key } = await stage.tenantIn("shared", "Exported");
  await stage.tenantIn("shared", "Beside it");
  await stage.export(id);
  const [paper] = await listPapers(ada.actor, id);
  const opened = await openPaper(ada.actor, { id: paper?.id ?? "" });
  let text = "";
  for await (const chunk of opened.body) text += Buffer.from(chunk).toString();
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line): { table?: string; row?: Record<string, unknown> } => JSON.parse(line));
  const orders = lines.filter(({ table }) => table === "My App.orders");
  expect(orders.map(({ row }) => row?.note)).toEqual(awkward);
  expect(lines.filter(({ row }) => row?.orgId !== undefined && row.orgId !== key)).toEqual([]);
  expect(lines.at(-1)).toEqual({
    end: { rows: { "My App.Organization": 1, "My App.lines": awkward.length, "My App.orders": awkward.length } },
  });
  expect(paper).toMatchObject({ kind: "export", rows: String(2 * awkward.length + 1) });
});

test.each(["shared", "schema", "database"] as const)(
  "archived from the %s tier, its file was restored and compared, and nothing of it is left but the file",
  async (tier) => {
    const { id, key } = await stage.tenantIn(tier, `Archived ${tier}`);
    const other = await stage.tenantIn("shared", `Not archived ${tier}`);
    await suspendNamed(ada.actor, { tenantId: id, reason: "leaving" });
    await stage.leave(id, "archive");
    expect(await readTenant(ada.actor, id)).toMatchObject({ status: "archived", tier: null });
    const papers = await listPapers(ada.actor, id);
    expect(papers.map(({ kind }) => kind).sort()).toEqual(["archive", "certificate"]);
    expect(papers.find(({ kind }) => kind === "archive")?.facts).toMatchObject({
      proven: { tables: 3, rows: 2 * awkward.length + 1 },
    });
    const { rows } = await shop.client.query(
      `SELECT (SELECT count(*)::int FROM "My App"."Organization" WHERE id = $1) AS listed,
              (SELECT count(*)::int FROM "My App".orders WHERE "orgId" = $1) AS orders,
              (SELECT count(*)::int FROM "My App".orders WHERE "orgId" = $2) AS others,
              (SELECT count(*)::int FROM pg_namespace WHERE nspname = $3) AS schemas,
              (SELECT count(*)::int FROM pg_database WHERE datname = $3 OR datname LIKE 'caretaker_proof%') AS databases`,
      [key, other.key, ownName(id)],
    );
    expect(rows).toEqual([{ listed: 0, orders: 0, others: awkward.length, schemas: 0, databases: 0 }]);
  },
  60_000,
);

test("an archive that is not what was written is found out before anything goes", async () => {
  const { id } = await stage.tenantIn("shared", "Damaged");
  await suspendNamed(ada.actor, { tenantId: id, reason: "leaving" });
  const receipts = new Map<string, Receipt>();
  await expect(
    stage.leave(id, "archive", (step, when) => step === "restore and compare it" && when === "before", receipts),
  ).rejects.toThrow(Killed);
  const written = receipts.get("write the archive");
  const file = objectStore().fileOf(String(written?.object));
  await chmod(file ?? "", 0o600);
  await writeFile(file ?? "", (await readFile(file ?? "", "utf8")).replace("plain", "plane"));
  await expect(stage.leave(id, "archive", undefined, receipts)).rejects.toMatchObject({ code: "conflict" });
  expect((await readTenant(ada.actor, id)).tier).toBe("shared");
});

test("killed before or after any step, an archive is finished by the next attempt", async () => {
  const { id, key } = await stage.tenantIn("schema", "Killed");
  const placed = () => shop.client.query("SELECT FROM caretaker.placements WHERE tenant_key = $1", [key]);
  expect((await placed()).rowCount).toBe(1);
  await suspendNamed(ada.actor, { tenantId: id, reason: "leaving" });
  const receipts = new Map<string, Receipt>();
  const steps = [
    "look it up",
    "check the plan",
    "write the archive",
    "restore and compare it",
    "keep it",
    "remove its rows",
    "write the certificate",
  ];
  const points = steps.flatMap((step) => [[step, "before"] as const, [step, "after"] as const]);
  const { hash } = await planLeave(ada.actor, { tenantId: id, how: "archive" });
  const [, leaving] = leaveJobs;
  if (!leaving) throw new Error("There is no kind of job that takes tenants out.");
  const job = {
    id: randomUUID(),
    actor: ada.actor,
    input: { tenantId: id, how: "archive", reason: "x" },
    planHash: hash,
  };
  for (const [step, when] of points) {
    const died = await attempt(leaving, job, receipts, (name, at) => name === step && at === when).catch(
      (error: unknown) => error,
    );
    if (died instanceof Error && !(died instanceof Killed)) throw died;
  }
  await attempt(leaving, job, receipts);
  expect((await readTenant(ada.actor, id)).status).toBe("archived");
  expect((await placed()).rowCount).toBe(0);
  expect((await listPapers(ada.actor, id)).length).toBe(2);
});

test("rows that changed since they were counted are not removed", async () => {
  const { id, key } = await stage.tenantIn("shared", "Changed");
  await suspendNamed(ada.actor, { tenantId: id, reason: "leaving" });
  const receipts = new Map<string, Receipt>();
  await expect(
    stage.leave(id, "delete", (step, when) => step === "remove its rows" && when === "before", receipts),
  ).rejects.toThrow(Killed);
  await shop.client.query(`UPDATE "My App".orders SET note = 'other' WHERE "orgId" = $1 AND note = 'plain'`, [key]);
  await expect(stage.leave(id, "delete", undefined, receipts)).rejects.toMatchObject({ code: "stale_plan" });
  const { rows } = await shop.client.query(`SELECT count(*)::int FROM "My App".orders WHERE "orgId" = $1`, [key]);
  expect(rows).toEqual([{ count: awkward.length }]);
});

test("deleting asks for the name, a reason, the password and a second person, of a suspended tenant only", async () => {
  const { id } = await stage.tenantIn("shared", "Deleted Ltd");
  const ask = { tenantId: id, how: "delete" as const };
  await expect(leaveTenant(ada.actor, ask)).rejects.toMatchObject({ code: "conflict" });
  await suspendNamed(ada.actor, { tenantId: id, reason: "leaving" });
  const { hash } = await planLeave(ada.actor, ask);
  await expect(leaveTenant(ada.actor, { ...ask, planHash: hash })).rejects.toMatchObject({ code: "invalid" });
  const given = { ...ask, planHash: hash, typed: "Deleted Ltd", reason: "asked for" };
  await expect(leaveTenant(ada.actor, given)).rejects.toMatchObject({ code: "approval" });
  const approvalId = await propose(ada.actor, {
    verb: "tenants.delete",
    subject: "Deleted Ltd",
    planHash: hash,
    reason: "asked for",
  });
  const { actor: officer } = await person("compliance", "Bo");
  const [toDelete] = await tenantsToDelete(officer, [{ subject: "Deleted Ltd" }]);
  expect(toDelete).toMatchObject({ id, name: "Deleted Ltd" });
  expect((await planLeave(officer, ask)).hash).toBe(hash);
  await decide(ben.actor, { id: approvalId, planHash: hash, decision: "approve" });
  const { jobId } = await leaveTenant(ada.actor, { ...given, approvalId });
  expect(jobId).toMatch(/^[0-9a-f-]{36}$/);
  await stage.leave(id, "delete");
  const tenant = await readTenant(ada.actor, id);
  expect(tenant).toMatchObject({ name: "Deleted tenant", slug: null, status: "archived" });
  const [certificate] = await listPapers(ada.actor, id);
  expect(certificate).toMatchObject({
    kind: "certificate",
    rows: String(2 * awkward.length + 1),
    facts: { what: "removed" },
  });
});

test("a place that a hold stands in lets nobody leave", async () => {
  const { id } = await stage.tenantIn("shared", "Held");
  await suspendNamed(ada.actor, { tenantId: id, reason: "leaving" });
  await shop.client.query(
    "INSERT INTO caretaker.holds (id, name, rules, placed_by, placed_at) VALUES (gen_random_uuid(), 'Case 7', '[]', 'Ben', now())",
  );
  const { problems } = await planLeave(ada.actor, { tenantId: id, how: "archive" });
  expect(problems.filter(({ severity }) => severity === "blocking").map(({ subject }) => subject)).toEqual([
    "hold Case 7",
  ]);
});
