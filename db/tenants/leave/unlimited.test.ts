import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { untilCancelled } from "./cancelled.ts";
import { writeNdjson } from "./export.ts";
import { countPlan } from "./plan.ts";
import { livingTenant } from "./tables.ts";
import { type Leaver, openStage, type Stage } from "./testing.ts";

let stage: Stage;
let leaver: Leaver;
const progress = async () => {};

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-unlimited-"));
  stage = await openStage();
  leaver = await stage.tenantIn("shared", "Has a large table");
  // Stands for a large table: each of its six rows takes its time.
  await stage.shop.client.query(
    `CREATE VIEW "My App".slow AS SELECT * FROM "My App".orders WHERE pg_sleep(0.4) IS NOT NULL`,
  );
  await controlPool().query(
    `INSERT INTO managed_tables
       (database_id, schema, name, class, reason, tenant_column, tenant_path, primary_key, audited, masked_columns, ignored_columns)
     VALUES ($1, 'My App', 'slow', 'tenant', 'It has the key.', 'orgId', '[]', '{id}', true, '{}', '{}')`,
    [stage.shop.databaseId],
  );
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

/** How many statements sleep in the shop's database. */
async function sleeping(): Promise<number> {
  const { rows } = await stage.shop.client.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
  );
  return rows.length;
}

test("a table that takes longer than any statement may is counted and exported by a job all the same", async () => {
  const { statement } = limits.long;
  const { signal } = new AbortController();
  const tenant = await livingTenant(leaver.id);
  Object.assign(limits.long, { statement: 1_000 });
  try {
    const { tables } = await writeNdjson({ actor: stage.ada.actor, progress, signal }, tenant);
    expect(tables["My App.slow"]).toBe(6);
    const { counted } = await countPlan(tenant, "archive", signal);
    expect(counted.tallies["My App.slow"]?.rows).toBe(6);
    await expect(countPlan(tenant, "archive")).rejects.toMatchObject({ code: "timeout" });
  } finally {
    Object.assign(limits.long, { statement });
  }
});

test("cancelled, such a statement ends in the database too", async () => {
  await stage.shop.client.query(
    `CREATE OR REPLACE VIEW "My App".slow AS SELECT * FROM "My App".orders WHERE pg_sleep(60) IS NOT NULL`,
  );
  const tenant = await livingTenant(leaver.id);
  for (const work of [
    (signal: AbortSignal) => writeNdjson({ actor: stage.ada.actor, progress, signal }, tenant),
    (signal: AbortSignal) => countPlan(tenant, "delete", signal),
  ]) {
    const abort = new AbortController();
    const working = expect(work(abort.signal)).rejects.toThrow();
    await expect.poll(sleeping, { timeout: 20_000 }).toBe(1);
    abort.abort(new Error("It was cancelled."));
    await working;
    expect(await sleeping()).toBe(0);
  }
});

test("cancelled, a statement on a connection of its own ends too", async () => {
  const [beside, inside] = [new pg.Client(stage.shop.url), new pg.Client(stage.shop.url)];
  inside.on("error", () => {});
  await Promise.all([beside.connect(), inside.connect()]);
  const abort = new AbortController();
  const working = expect(
    untilCancelled(abort.signal, { beside, inside }, () => inside.query("SELECT pg_sleep(60)")),
  ).rejects.toThrow();
  await expect.poll(sleeping, { timeout: 20_000 }).toBe(1);
  abort.abort(new Error("It was cancelled."));
  await working;
  expect(await sleeping()).toBe(0);
  await Promise.all([beside.end(), inside.end()]);
});
