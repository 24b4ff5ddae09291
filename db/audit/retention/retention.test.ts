import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { control } from "../../control.ts";
import { systemActor } from "../../mint.ts";
import { retentionRules } from "../../schema/retention.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import type { Person } from "../../testing/people.ts";
import { retentionOverview } from "./overview.ts";
import { rulesOf } from "./rules.ts";
import { planRetention, setRetention } from "./set-retention.ts";
import { openRetention, type RetentionStage } from "./testing/stage.ts";

const system = systemActor("test");
let app: Adopted;
let administrator: Person;
let compliance: Person;
let support: Person;
let agreed: RetentionStage["agreed"];
let close: RetentionStage["close"];

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-retention-"));
  ({ app, administrator, compliance, support, agreed, close } = await openRetention(system));
});

afterAll(() => close());

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
