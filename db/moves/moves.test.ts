import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { controlPool } from "../control.ts";
import { requestCancel } from "../jobs/cancel.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { type Working, work } from "../jobs/work.ts";
import { systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import { readCompletions } from "./completion.ts";
import type { PlanMove } from "./contract.ts";
import { moveJobs } from "./jobs.ts";
import { completionHash } from "./move.ts";
import { findPlacement } from "./placement.ts";
import { planMove } from "./plan/plan.ts";
import { readMove } from "./read.ts";
import { completeByTwo } from "./testing/complete.ts";
import { openShop, type Shop } from "./testing/shop.ts";
import { untilState } from "./testing/until.ts";
import { abortMove, cutOverMove, pauseMove, resumeMove, reverseMove, verifyMove } from "./verbs/act.ts";
import { startMove } from "./verbs/start.ts";

const actor = systemActor("moves test");
let shop: Shop;
let working: Working;

beforeAll(async () => {
  await freshControl();
  shop = await openShop(4, 400);
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
});

async function start(input: PlanMove, more: { cutover?: "ready" | "asked" } = {}): Promise<string> {
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, {
    ...input,
    planHash: hash,
    cutover: more.cutover ?? "asked",
    graceHours: 0,
  });
  return moveId;
}

/** A busy machine takes its time. */
const slowly = { timeout: 30_000 };

/** Waits until no worker has the move in hand: one that just made it ready still carries what was written. */
async function atRest(moveId: string): Promise<void> {
  await expect
    .poll(async () => {
      const { rows } = await controlPool().query<{ state: string }>(
        "SELECT j.state FROM moves m JOIN jobs j ON j.id = m.job_id WHERE m.id = $1",
        [moveId],
      );
      return rows[0]?.state;
    }, slowly)
    .toBe("done");
}

function tenant(key: string): string {
  return shop.tenants.get(key) ?? "";
}

async function ask(sql: string, url = shop.url): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("a plan says what it would do, and what stands in its way", async () => {
  const plan = await planMove(actor, { tenantId: tenant("1"), tier: "schema" });
  expect(plan.problems.filter(({ severity }) => severity === "blocking")).toEqual([]);
  expect(plan.tables.map(({ name }) => name)).toEqual(["customers", "orders", "lines", "notes"]);
  expect(plan.phases.length).toBeGreaterThan(3);
  expect((await planMove(actor, { tenantId: tenant("1"), tier: "schema" })).hash).toBe(plan.hash);
});

test("a tenant moves to a schema of its own and back, and stays whole", async () => {
  const before = await ask(
    "SELECT count(*)::int AS n, sum(hashtext(o::text))::text AS h FROM orders o WHERE tenant_id = 1",
  );
  const moveId = await start({ tenantId: tenant("1"), tier: "schema" });
  const ready = await untilState(moveId, "ready");
  await cutOverMove(actor, { moveId });
  await untilState(moveId, "moved");
  const { schema } = ready.to;
  expect(await ask(`SELECT count(*)::int AS n, sum(hashtext(o::text))::text AS h FROM ${schema}.orders o`)).toEqual(
    before,
  );
  expect(
    await ask("SELECT tier, schema FROM caretaker.placements WHERE tenant_key = '1'", shop.applicationUrl),
  ).toEqual([{ tier: "schema", schema }]);
  const stale = ask("BEGIN; SET LOCAL app.current_tenant_id = '1'; SELECT count(*) FROM orders", shop.applicationUrl);
  await expect(stale).rejects.toMatchObject({ code: "55P04" });
  await ask(`INSERT INTO ${schema}.orders (tenant_id, note) VALUES (1, 'written there')`, shop.applicationUrl);
  await reverseMove(actor, { moveId });
  await untilState(moveId, "ready");
  expect(await ask("SELECT note FROM orders WHERE note = 'written there'")).toHaveLength(1);
  await abortMove(actor, { moveId });
  await untilState(moveId, "aborted");
  expect(await ask("SELECT FROM pg_class WHERE relname ~ '^move_[0-9a-f]{12}'")).toHaveLength(0);
  expect(await ask("SELECT FROM pg_trigger WHERE tgname LIKE 'caretaker_move%'")).toHaveLength(0);
  expect(await ask(`SELECT FROM pg_namespace WHERE nspname = '${schema}'`)).toHaveLength(0);
  expect(await ask("SELECT FROM caretaker.gates")).toHaveLength(0);
});

test("a tenant moves to a database of its own when it is ready, and its old rows go when the move is completed", async () => {
  const home = new URL(shop.url).pathname.slice(1);
  await ask(`REVOKE ALL ON DATABASE ${home} FROM PUBLIC; GRANT CONNECT ON DATABASE ${home} TO ${shop.role}`);
  const moveId = await start({ tenantId: tenant("2"), tier: "database" }, { cutover: "ready" });
  const moved = await untilState(moveId, "moved");
  const there = new URL(shop.url);
  there.pathname = `/${moved.to.databaseName}`;
  expect(await ask("SELECT count(*)::int AS n FROM lines", there.href)).toEqual([{ n: 800 }]);
  const rights =
    "SELECT grantee::regrole::text AS role, privilege_type AS may FROM pg_database d, aclexplode(d.datacl) WHERE datname = current_database() AND grantee <> datdba";
  expect(await ask(rights, there.href)).toEqual([{ role: shop.role, may: "CONNECT" }]);
  const foreignKeys =
    "SELECT convalidated AS proven FROM pg_constraint WHERE conrelid = 'lines'::regclass AND contype = 'f'";
  expect(await ask(foreignKeys, there.href)).toEqual([{ proven: true }]);
  const proposal = { subject: moved.tenantName, planHash: completionHash(moved) };
  const [removal] = await readCompletions(actor, [proposal, { subject: moved.tenantName, planHash: "another" }]);
  expect(removal).toMatchObject({ moveId, planHash: proposal.planHash, from: { tier: "shared" } });
  expect(removal?.tables.map(({ name, rows }) => [name, rows])).toContainEqual(["lines", 800]);
  await completeByTwo(moveId);
  await untilState(moveId, "completed");
  expect(await ask("SELECT FROM orders WHERE tenant_id = 2")).toHaveLength(0);
  expect(await ask("SELECT FROM orders WHERE tenant_id = 3")).toHaveLength(400);
  expect(await ask("SELECT FROM caretaker.placements WHERE tenant_key = '2'")).toHaveLength(1);
});

test("an application finds a tenant by its key, wherever it lives by now", async () => {
  expect(await findPlacement(actor, { tenant: "4" })).toMatchObject({ tier: "shared", schema: "public" });
  expect(await findPlacement(actor, { tenant: "2", database: new URL(shop.url).pathname.slice(1) })).toMatchObject({
    tier: "database",
    status: "active",
  });
  expect(await findPlacement(actor, { tenant: tenant("2") })).toMatchObject({ tenant: "2", tier: "database" });
  await expect(findPlacement(actor, { tenant: "no such" })).rejects.toMatchObject({ code: "not_found" });
});

test("a key that looks like an id is found as a key, and an id only as an id", async () => {
  const key = "0b6f3c52-93a1-4c06-9c35-8a1f7f0d2e11";
  await controlPool().query("UPDATE tenants SET key = $2 WHERE id = $1", [tenant("4"), key]);
  expect(await findPlacement(actor, { tenant: key })).toMatchObject({ tenant: key, tier: "shared" });
  expect(await findPlacement(actor, { tenant: tenant("4") })).toMatchObject({ tenant: key });
  await controlPool().query("UPDATE tenants SET key = '4' WHERE id = $1", [tenant("4")]);
  await expect(findPlacement(actor, { tenant: key })).rejects.toMatchObject({ code: "not_found" });
});

test("what was moved is in the log once, where it was written", async () => {
  const moveId = await start({ tenantId: tenant("4"), tier: "schema" }, { cutover: "ready" });
  const { to } = await untilState(moveId, "moved");
  const logged = `SELECT count(*)::int AS n FROM caretaker.audit_logs WHERE resource_schema = '${to.schema}'`;
  expect(await ask(logged)).toEqual([{ n: 0 }]);
  await ask(
    `UPDATE ${to.schema}.orders SET note = 'logged' WHERE id = (SELECT min(id) FROM ${to.schema}.orders)`,
    shop.applicationUrl,
  );
  expect(await ask(logged)).toEqual([{ n: 1 }]);
  const before = await ask("SELECT count(*)::int AS n FROM caretaker.audit_logs");
  await reverseMove(actor, { moveId });
  await untilState(moveId, "ready");
  expect(await ask("SELECT count(*)::int AS n FROM caretaker.audit_logs")).toEqual(before);
  await abortMove(actor, { moveId });
  await untilState(moveId, "aborted");
});

test("what was paused goes on where it was, and what was aborted leaves nothing", async () => {
  const moveId = await start({ tenantId: tenant("3"), tier: "schema" });
  await pauseMove(actor, { moveId }).catch(() => {});
  await resumeMove(actor, { moveId }).catch(() => {});
  await untilState(moveId, "ready");
  await abortMove(actor, { moveId });
  await untilState(moveId, "aborted");
  expect(await ask("SELECT FROM pg_trigger WHERE tgname LIKE 'caretaker_move%'")).toHaveLength(0);
});

test("a plan and what it makes know nothing of another tenant's move", async () => {
  const input: PlanMove = { tenantId: tenant("2"), tier: "schema" };
  const before = await planMove(actor, input);
  const other = await start({ tenantId: tenant("3"), tier: "schema" });
  await untilState(other, "ready");
  expect((await planMove(actor, input)).hash).toBe(before.hash);
  await abortMove(actor, { moveId: other });
  await untilState(other, "aborted");
});

test("a move stops when a table gets another column meanwhile, and goes on when that is taken back", async () => {
  const moveId = await start({ tenantId: tenant("4"), tier: "schema" });
  await untilState(moveId, "ready");
  await atRest(moveId);
  await shop.client.query("ALTER TABLE notes ADD COLUMN stars integer DEFAULT 5");
  await cutOverMove(actor, { moveId });
  await expect(untilState(moveId, "moved")).rejects.toThrow("Tables changed while the tenant moves: notes.stars.");
  await shop.client.query("ALTER TABLE notes DROP COLUMN stars");
  await cutOverMove(actor, { moveId });
  const { to } = await untilState(moveId, "moved");
  await atRest(moveId);
  // The way back stops in the same way, and is followed again when somebody resumes it.
  await ask(`ALTER TABLE ${to.schema}.notes ADD COLUMN stars integer`);
  await verifyMove(actor, { moveId });
  await expect.poll(async () => (await readMove(actor, moveId)).error, slowly).toContain("notes.stars");
  expect((await readMove(actor, moveId)).verbs).toEqual(["resume", "reverse", "verify", "complete"]);
  await ask(`ALTER TABLE ${to.schema}.notes DROP COLUMN stars`);
  await resumeMove(actor, { moveId });
  await atRest(moveId);
  expect(await readMove(actor, moveId)).toMatchObject({ state: "moved", error: null });
  await reverseMove(actor, { moveId });
  await untilState(moveId, "ready");
  await abortMove(actor, { moveId });
  await untilState(moveId, "aborted");
});

test("a tenant whose way to the shared tables was aborted is still found where it lives", async () => {
  const there = await start({ tenantId: tenant("4"), tier: "schema" }, { cutover: "ready" });
  const { to } = await untilState(there, "moved");
  await completeByTwo(there);
  await untilState(there, "completed");
  const back = await start({ tenantId: tenant("4"), tier: "shared" });
  await untilState(back, "ready");
  // A migration, and rows that were never carried, hold up nobody who wants to be back.
  await ask(`ALTER TABLE ${to.schema}.notes ADD COLUMN stars integer`);
  await ask(
    `WITH made AS (INSERT INTO ${to.schema}.orders (note) VALUES ('late') RETURNING id)
     INSERT INTO ${to.schema}.lines (order_id, n) SELECT id, 1 FROM made`,
    shop.applicationUrl,
  );
  await abortMove(actor, { moveId: back });
  await untilState(back, "aborted");
  expect(await ask("SELECT FROM orders WHERE tenant_id = 4")).toHaveLength(0);
  expect(await ask("SELECT FROM lines WHERE order_id NOT IN (SELECT id FROM orders)")).toHaveLength(0);
  expect(await ask(`SELECT FROM ${to.schema}.orders WHERE note = 'late'`)).toHaveLength(1);
  expect(
    await ask("SELECT tier, schema FROM caretaker.placements WHERE tenant_key = '4'", shop.applicationUrl),
  ).toEqual([{ tier: "schema", schema: to.schema }]);
});

test("no move starts while the tenant is being archived or deleted", async () => {
  const input = { tenantId: tenant("3"), how: "archive", reason: "it ends" };
  const jobId = await enqueue(actor, { kind: "tenants.leave", title: "Archive of Tenant 3", input });
  const move = { tenantId: tenant("3"), tier: "schema" as const };
  await expect(start(move)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("archived") });
  await requestCancel(actor, jobId);
  const moveId = await start(move);
  await untilState(moveId, "ready");
  await abortMove(actor, { moveId });
  await untilState(moveId, "aborted");
});
