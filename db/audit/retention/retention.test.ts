import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, like, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { closeControl, control } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { auditArchives, legalHolds, retentionRules } from "../../schema/retention.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { registerDatabase } from "../../testing/register.ts";
import { monthAfter, monthOf } from "../archive/month.ts";
import { archiveOf } from "../archive/registry.ts";
import { fillMonth } from "../archive/testing/month.ts";
import { finishJob, moveMonth } from "../archive/testing/move.ts";
import { searchCold } from "../cold/search.ts";
import { expireMonth, startExpiry } from "./expire-month.ts";
import { planExpiry } from "./expiry-plan.ts";
import { endHold, enterHold, listHolds, releaseHash } from "./holds.ts";
import { retentionOverview } from "./overview.ts";
import { proposedExpiries } from "./proposed.ts";
import { rulesOf } from "./rules.ts";
import { planRetention, setRetention } from "./set-retention.ts";

const system = systemActor("test");
/** Thirteen months ago: past a retention of twelve. */
const month = monthAfter(monthOf(new Date()), -13);
let app: Adopted;
let administrator: Person;
let compliance: Person;
let support: Person;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-retention-"));
  await freshControl();
  administrator = await person("administrator", "Ada");
  compliance = await person("compliance", "Bo");
  support = await person("support", "Cy");
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  await fillMonth(app.client, month, 700);
  await moveMonth(system, "audit.archive", app.id, month);
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

async function approval(verb: string, subject: string, planHash: string): Promise<string> {
  const id = await propose(administrator.actor, { verb, subject, planHash, reason: "the contract says so" });
  await decide(compliance.actor, { id, planHash, decision: "approve" });
  return id;
}

async function agreed(change: Parameters<typeof planRetention>[1]) {
  const plan = await planRetention(administrator.actor, change);
  const approvalId = await approval("retention.set", plan.subject, plan.hash);
  const consent = { planHash: plan.hash, approvalId, reason: "the contract says so" };
  return setRetention(administrator.actor, { ...change, ...consent });
}

const whole = (keepMonths: number, hotMonths: number | null = null) => ({
  ...{ databaseId: app.id, table: null, tenant: null },
  ...{ keepMonths, hotMonths },
});

describe("a retention rule", () => {
  test("is agreed to under words that say all of the change", async () => {
    const name = new URL(app.url).pathname.slice(1);
    expect((await planRetention(compliance.actor, whole(24, 12))).subject).toBe(
      `${name}: kept for 24 months instead of 84, in PostgreSQL for 12 months instead of always`,
    );
    const table = { ...whole(24), table: "public.orders", tenant: "acme" };
    expect((await planRetention(compliance.actor, table)).subject).toBe(
      `${name}, public.orders, tenant acme: kept for 24 months instead of 84`,
    );
  });

  test("is set by two people, leaves its audit row, and replaces the one before without forgetting it", async () => {
    const before = await newestEntry();
    await agreed(whole(84, 12));
    await agreed(whole(12, 12));
    expect(await rulesOf(app.id)).toMatchObject([{ keepMonths: 12, hotMonths: 12, setBy: "Ada" }]);
    const all = await control().select().from(retentionRules).where(eq(retentionRules.databaseId, app.id));
    expect(all).toHaveLength(2);
    const acts = (await auditedSince(before)).filter(({ table }) => table === "retention_rules");
    expect(acts.map(({ action, by }) => [action, by])).toEqual([
      ["create", administrator.id],
      ["update", administrator.id],
      ["create", administrator.id],
    ]);
  });

  test("is refused without the second person, for another plan, and to whoever may not", async () => {
    const change = whole(24, 12);
    const { hash } = await planRetention(administrator.actor, change);
    const input = { ...change, planHash: hash, reason: "because" };
    await expect(setRetention(administrator.actor, input)).rejects.toMatchObject({ code: "approval" });
    await expect(setRetention(administrator.actor, { ...input, planHash: "other" })).rejects.toMatchObject({
      code: "stale_plan",
    });
    await expect(setRetention(support.actor, input)).rejects.toMatchObject({ code: "forbidden" });
    await expect(setRetention(administrator.actor, { ...input, reason: " " })).rejects.toMatchObject({
      code: "invalid",
    });
  });

  test("says where it is planned and shown that it removes nothing while nothing is archived, and the way", async () => {
    const idle = await adoptedDatabase("CREATE TABLE notes (id integer PRIMARY KEY)");
    const plans = (hotMonths: number | null, tenant: string | null = null) =>
      planRetention(administrator.actor, { ...whole(24, hotMonths), databaseId: idle.id, tenant });
    const says = expect.stringMatching(/archived months only.*Set that first, for the whole database/);
    expect(await plans(null)).toMatchObject({ withoutEffect: says });
    expect(await plans(null, "tenant-1")).toMatchObject({ withoutEffect: says });
    expect(await plans(12)).toMatchObject({ withoutEffect: null });
    const shown = async () =>
      (await retentionOverview(administrator.actor)).find(({ databaseId }) => databaseId === idle.id);
    expect(await shown()).toMatchObject({ withoutEffect: says });
    await control().insert(retentionRules).values({ databaseId: idle.id, keepMonths: 24, hotMonths: 12, reason: "x" });
    expect(await plans(null, "tenant-1")).toMatchObject({ withoutEffect: null });
    expect(await shown()).toMatchObject({ withoutEffect: null });
    await idle.client.end();
  });

  test("never keeps entries in PostgreSQL longer than in all, nor sets that for one tenant", async () => {
    await expect(planRetention(administrator.actor, whole(12, 24))).rejects.toMatchObject({ code: "invalid" });
    const tenant = { ...whole(24, 1), tenant: "tenant-1" };
    await expect(planRetention(administrator.actor, tenant)).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("removing what is past its time", () => {
  const plan = () => planExpiry(administrator.actor, { databaseId: app.id, month });
  const left = async (q: string) =>
    (
      await searchCold(
        administrator.actor,
        { database: app.id, q },
        { cursor: null, limit: 2_000, signal: new AbortController().signal, onProgress: () => {} },
      )
    ).rows.length;

  test("spares a tenant whose hold was placed in the database that lists it, also after it has moved on", async () => {
    const home = await registerDatabase("postgres://nobody@127.0.0.1:1/home");
    const [tenant] = await control()
      .insert(tenants)
      .values({ homeDatabaseId: home, key: "tenant-3", name: "Tree" })
      .returning({ id: tenants.id });
    const lived = { tenantId: tenant?.id ?? "", databaseId: app.id, schema: "public", tier: "shared" as const };
    await control()
      .insert(placements)
      .values({ ...lived, state: "dropped" });
    const before = await plan();
    await enterHold(administrator.actor, {
      ...{ kind: "tenant", person: null, rules: null, name: "Tree v. Oak", databaseId: home },
      ...{ table: null, tenant: "tenant-3", record: null, reason: "case 14/2026" },
    });
    const found = await plan();
    const kept = await left("tenant:tenant-3");
    expect(kept).toBeGreaterThan(0);
    expect(found).toMatchObject({
      ...{ expired: String(Number(before.expired) - kept), held: String(Number(before.held) + kept) },
      holds: ["Tree v. Oak"],
    });
    await control().delete(legalHolds);
  });

  test("spares a tenant that came with a longer rule of the database that lists it, and takes nothing earlier by a shorter one", async () => {
    const home = await registerDatabase("postgres://nobody@127.0.0.1:1/lister");
    const [tenant] = await control()
      .insert(tenants)
      .values({ homeDatabaseId: home, key: "tenant-4", name: "Four" })
      .returning({ id: tenants.id });
    await control()
      .insert(placements)
      .values({ tenantId: tenant?.id ?? "", databaseId: app.id, schema: "t_4", tier: "schema", state: "open" });
    const before = await plan();
    const rule = { databaseId: home, tenant: "tenant-4", reason: "the contract says so" };
    const expired = async (keepMonths: number, of: { schema: string; table: string } | null) => {
      await control()
        .insert(retentionRules)
        .values({ ...rule, ...of, keepMonths });
      const found = await plan();
      await control().delete(retentionRules).where(eq(retentionRules.databaseId, home));
      return Number(before.expired) - Number(found.expired);
    };
    expect(await expired(84, null)).toBe(await left("tenant:tenant-4"));
    expect(await expired(84, { schema: "elsewhere", table: "orders" })).toBe(
      await left("tenant:tenant-4 table:orders"),
    );
    expect(await expired(12, null)).toBe(0);
    await control().delete(placements);
  });

  test("spares what an old hold keeps, however many stand", async () => {
    const old = { ...{ kind: "tenant" as const, databaseId: app.id, tenant: "tenant-4" }, reason: "case 15/2026" };
    const many = Array.from({ length: 230 }, (_, at) => ({
      ...{ ...old, name: `Younger ${at}`, tenant: `nobody-${at}` },
      placedAt: sql`now() + interval '1 minute'`,
    }));
    const before = await plan();
    await control()
      .insert(legalHolds)
      .values({ ...old, name: "The oldest" });
    await control().insert(legalHolds).values(many);
    const kept = await left("tenant:tenant-4");
    expect(kept).toBeGreaterThan(0);
    expect((await plan()).held).toBe(String(Number(before.held) + kept));
    expect((await listHolds(administrator.actor)).map(({ name }) => name)).toContain("The oldest");
    await control()
      .update(legalHolds)
      .set({ releasedAt: sql`now() - interval '1 minute'` })
      .where(like(legalHolds.name, "Younger %"));
    expect((await listHolds(administrator.actor)).filter(({ releasedAt }) => releasedAt !== null)).toHaveLength(200);
    await control().delete(legalHolds);
  });

  test("spares a tenant with a longer retention and whatever is held; then it is gone and the rest is whole", async () => {
    expect(await plan()).toMatchObject({ rows: "700", expired: "700", held: "0" });
    await agreed({ ...whole(36), tenant: "tenant-1" });
    await enterHold(administrator.actor, {
      ...{ kind: "tenant", person: null, rules: null },
      ...{ name: "Acme v. Zen", databaseId: app.id, table: "public.orders", tenant: "tenant-2", record: null },
      reason: "case 12/2026",
    });
    const found = await plan();
    const [spared, held] = [await left("tenant:tenant-1"), await left("tenant:tenant-2 table:orders")];
    expect(found).toMatchObject({ expired: String(700 - spared - held), held: String(held), holds: ["Acme v. Zen"] });
    const subject = `${found.databaseName} ${month}`;
    const named = await proposedExpiries(support.actor, [{ subject }]);
    expect(named).toEqual([{ databaseId: app.id, databaseName: found.databaseName, month, subject }]);
    const input = { databaseId: app.id, month, planHash: found.hash, typed: subject, reason: "past its time" };
    await expect(startExpiry(administrator.actor, input)).rejects.toMatchObject({ code: "approval" });
    await expect(startExpiry(support.actor, input)).rejects.toMatchObject({ code: "forbidden" });
    const approvalId = await approval("retention.expire", subject, found.hash);
    const { jobId } = await startExpiry(administrator.actor, { ...input, approvalId });
    await finished(jobId);
    expect(await left("")).toBe(spared + held);
    expect(await archiveOf(app.id, month)).toMatchObject({
      rows: BigInt(spared + held),
      manifest: { replaces: { rows: "700" } },
    });
    const files = (await objectStore().list(`audit/${app.id}/`)).filter(({ key }) => key.endsWith(".parquet"));
    expect(files).toHaveLength(1);
    const { rows } = await app.client.query(
      "SELECT metadata ->> 'removed' AS removed FROM caretaker.audit_logs WHERE action = 'expire'",
    );
    expect(rows).toEqual([{ removed: found.expired }]);
    expect(await plan()).toMatchObject({ expired: "0", held: String(held) });
    await expect(startExpiry(administrator.actor, input)).rejects.toMatchObject({ code: "conflict" });
  });

  test("is open again for held entries once the hold is released, by two people", async () => {
    const [hold] = await listHolds(administrator.actor);
    if (!hold) throw new Error("There is no hold.");
    const planHash = releaseHash(hold);
    const input = { id: hold.id, planHash, typed: hold.name, reason: "settled" };
    await expect(endHold(administrator.actor, input)).rejects.toMatchObject({ code: "approval" });
    await expect(endHold(support.actor, input)).rejects.toMatchObject({ code: "forbidden" });
    const approvalId = await approval("retention.release_hold", hold.name, planHash);
    await endHold(administrator.actor, { ...input, approvalId });
    expect((await listHolds(administrator.actor))[0]).toMatchObject({ releasedBy: "Ada" });
    expect((await plan()).expired).not.toBe("0");
    expect((await plan()).held).toBe("0");
  });

  test("is stopped by a hold that is placed while the month is written again, and the file before stays", async () => {
    const found = await plan();
    const subject = `${found.databaseName} ${month}`;
    const approvalId = await approval("retention.expire", subject, found.hash);
    const input = { databaseId: app.id, month, planHash: found.hash, typed: subject, reason: "past its time" };
    const { jobId } = await startExpiry(administrator.actor, { ...input, approvalId });
    const before = await archiveOf(app.id, month);
    const hold = () =>
      enterHold(compliance.actor, {
        ...{ kind: "everything", person: null, rules: null },
        ...{ name: "In between", databaseId: app.id, table: null, tenant: null, record: null },
        reason: "case 14/2026",
      });
    const kind = { ...expireMonth, run: (job: RunningJob) => expireMonth.run({ ...job, step: after(job, hold) }) };
    expect(await finishJob(system, jobId, [kind])).toMatchObject({
      state: "failed",
      error: expect.stringContaining("has changed since"),
    });
    expect(await archiveOf(app.id, month)).toEqual(before);
    const keys = (await objectStore().list(`audit/${app.id}/`)).map(({ key }) => key);
    expect(keys).toContain(before?.key);
    await control().delete(legalHolds).where(eq(legalHolds.name, "In between"));
  });

  test("is stopped by a hold that is placed after it was agreed on", async () => {
    const found = await plan();
    const subject = `${found.databaseName} ${month}`;
    const approvalId = await approval("retention.expire", subject, found.hash);
    const input = { databaseId: app.id, month, planHash: found.hash, typed: subject, reason: "past its time" };
    const { jobId } = await startExpiry(administrator.actor, { ...input, approvalId });
    await enterHold(compliance.actor, {
      ...{ kind: "everything", person: null, rules: null },
      ...{ name: "Everything", databaseId: null, table: null, tenant: null, record: null },
      reason: "case 13/2026",
    });
    await expect(finished(jobId)).rejects.toThrow("has changed since");
    expect(await control().$count(auditArchives, eq(auditArchives.state, "cold"))).toBe(1);
    await expect(
      enterHold(support.actor, {
        name: "x",
        kind: "everything",
        person: null,
        rules: null,
        databaseId: null,
        table: null,
        tenant: null,
        record: null,
        reason: "y",
      }),
    ).rejects.toMatchObject({ code: "forbidden" });
  });
});

/** Does something once the month is written again. */
function after(running: RunningJob, then: () => Promise<unknown>): RunningJob["step"] {
  return async (name, work) => {
    const receipt = await running.step(name, work);
    if (name === "rewrite") await then();
    return receipt;
  };
}

async function finished(jobId: string): Promise<void> {
  const job = await finishJob(system, jobId);
  if (job.state !== "done") throw new Error(job.error ?? job.state);
}
