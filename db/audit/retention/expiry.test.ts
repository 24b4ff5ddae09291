import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, like, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { control } from "../../control.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { auditArchives, legalHolds, retentionRules } from "../../schema/retention.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import type { Adopted } from "../../testing/adopted.ts";
import type { Person } from "../../testing/people.ts";
import { registerDatabase } from "../../testing/register.ts";
import { archiveOf } from "../archive/registry.ts";
import { finishJob } from "../archive/testing/move.ts";
import { searchCold } from "../cold/search.ts";
import { expireMonth, startExpiry } from "./expire-month.ts";
import { planExpiry } from "./expiry-plan.ts";
import { endHold, enterHold, listHolds, releaseHash } from "./holds.ts";
import { proposedExpiries } from "./proposed.ts";
import { month, openRetention, type RetentionStage } from "./testing/stage.ts";

const system = systemActor("test");
let app: Adopted;
let administrator: Person;
let compliance: Person;
let support: Person;
let approval: RetentionStage["approval"];
let agreed: RetentionStage["agreed"];
let close: RetentionStage["close"];

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-retention-"));
  ({ app, administrator, compliance, support, approval, agreed, close } = await openRetention(system));
  await agreed(whole(12));
});

afterAll(() => close());

const whole = (keepMonths: number, hotMonths: number | null = null) => ({
  ...{ databaseId: app.id, table: null, tenant: null },
  ...{ keepMonths, hotMonths },
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
