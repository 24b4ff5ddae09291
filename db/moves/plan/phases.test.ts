import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Working, work } from "../../jobs/work.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import type { MovePlanView, MoveTier } from "../contract.ts";
import { moveJobs } from "../jobs.ts";
import { completeByTwo } from "../testing/complete.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { cutOverMove } from "../verbs/act.ts";
import { startMove } from "../verbs/start.ts";
import { planMove } from "./plan.ts";

const actor = systemActor("phases test");
let shop: Shop;
let working: Working;
/** What was sent to PostgreSQL since a test began, by anybody in this process. */
let sent: string[] = [];

beforeAll(async () => {
  await freshControl();
  shop = await openShop(3, 40);
  const home = new URL(shop.url).pathname.slice(1);
  await shop.client.query(
    `REVOKE ALL ON DATABASE ${home} FROM PUBLIC; GRANT CONNECT ON DATABASE ${home} TO ${shop.role}`,
  );
  working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 20 });
  // One sees statements with parameters, the other the texts that COPY is begun with.
  for (const { prototype } of [pg.Client, pg.Connection]) {
    const { query } = prototype;
    vi.spyOn(prototype, "query").mockImplementation(function (this: unknown, ...given: unknown[]) {
      sent.push(textOf(given[0]));
      return Reflect.apply(query, this, given);
    });
  }
});

afterAll(async () => {
  await working.stop();
  vi.restoreAllMocks();
  await shop.client.end();
});

function textOf(query: unknown): string {
  if (typeof query === "string") return query;
  return typeof query === "object" && query !== null && "text" in query ? String(query.text) : "";
}

const inputOf = (key: string, tier: MoveTier) => ({ tenantId: shop.tenants.get(key) ?? "", tier });

/** Without what only a running move knows: its id, the locks and names made of that, its worker, and how large its batches are. */
function known(sql: string): string {
  return sql
    .replaceAll(/move_[0-9a-f]{12}/g, "move_0")
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "0")
    .replaceAll(/(pg_advisory_lock\(|pass_gate\([^)]*, )\d+/g, "$1n")
    .replaceAll(/(epoch =|LIMIT) \d+/g, "$1 n");
}

/** Statements of a plan that were not among those that ran. A chunk is told by all that stands before its keys. */
function notRun({ phases }: MovePlanView): string[] {
  const ran = sent.map(known).join("\n");
  return phases.flatMap(({ statements }) =>
    statements
      .map(({ sql }) => known(sql))
      .filter((sql) => {
        const [chunk = ""] = sql.split(/ AND \("?t"?\.?[^)]*\) > \('…'/);
        const parts = chunk.split(/'\{?"?…"?\}?'/);
        return !parts.every((part) => ran.includes(part));
      }),
  );
}

/** What ran and changes tables, their rights or who may use them, and was not in the plan. The log's own functions go with its tables. */
function notShown({ phases }: MovePlanView): string[] {
  const shown = phases.flatMap(({ statements }) => statements.map(({ sql }) => known(sql)));
  const longestFirst = shown.toSorted((a, b) => b.length - a.length);
  const left = sent.map((text) => longestFirst.reduce((rest, sql) => rest.replaceAll(sql, ""), known(text)));
  return left
    .flatMap((text) => text.split("\n"))
    .filter((line) => /^(CREATE|ALTER|DROP|GRANT|REVOKE|LOCK|TRUNCATE|ANALYZE) /.test(line))
    .filter((line) => !/^DROP FUNCTION caretaker\.|^LOCK TABLE .* IN ACCESS SHARE MODE$/.test(line));
}

/** Moves a tenant and completes the move. To each of its tables it writes when everything is copied, so that this is carried too. */
async function play(key: string, tier: MoveTier, schema = "public"): Promise<MovePlanView> {
  const input = inputOf(key, tier);
  const plan = await planMove(actor, input);
  sent = [];
  const { moveId } = await startMove(actor, { ...input, planHash: plan.hash, cutover: "asked", graceHours: 0 });
  await untilState(moveId, "ready");
  await shop.client.query(
    `SET search_path = ${schema}; INSERT INTO notes (tenant_id, body) VALUES (${key}, 'late');
     WITH c AS (INSERT INTO customers (tenant_id, email) VALUES (${key}, 'late ${tier}') RETURNING id),
          o AS (INSERT INTO orders (tenant_id, customer_id) SELECT ${key}, id FROM c RETURNING id)
     INSERT INTO lines (order_id, n) SELECT id, 1 FROM o`,
  );
  await cutOverMove(actor, { moveId });
  await untilState(moveId, "moved");
  await completeByTwo(moveId);
  await untilState(moveId, "completed");
  return plan;
}

function textIn({ phases }: MovePlanView, phase: RegExp): string {
  return phases
    .filter(({ name }) => phase.test(name))
    .flatMap(({ statements }) => statements.map(({ sql, lock }) => `${sql} -- ${lock}`))
    .join("\n");
}

test("what a plan to a database shows is what runs, from making the database to removing the old rows", async () => {
  const plan = await play("1", "database");
  expect(textIn(plan, /^Make the database/)).toMatch(
    /CREATE DATABASE .* LC_COLLATE [\s\S]*REVOKE ALL[\s\S]*GRANT CONNECT/,
  );
  expect(textIn(plan, /^Install/)).toMatch(/CREATE TABLE IF NOT EXISTS caretaker.gates/);
  expect(textIn(plan, /^Copy the rows in chunks: read/)).toMatch(/COPY \(SELECT .* FROM "public"."orders" AS t/);
  expect(textIn(plan, /^Carry .*: write/)).toMatch(/DELETE FROM "public"."countries"[\s\S]*COPY "public"."countries"/);
  expect(textIn(plan, /^Cut over: hold/)).toMatch(/pg_advisory_lock\(0\) -- the tenant's writers wait[\s\S]*'moved'/);
  expect(textIn(plan, /^Cut over: go on/)).toMatch(/setval[\s\S]*'open'/);
  expect(textIn(plan, /^Complete, /)).toMatch(/DELETE FROM "public"."orders" .*LIMIT 5000\)\) -- ROW EXCLUSIVE/);
  expect(notRun(plan)).toEqual([]);
  expect(notShown(plan)).toEqual([]);
});

test("a plan shows that it puts restrictive policies on shared tables that have row security", async () => {
  const plan = await planMove(actor, inputOf("2", "schema"));
  expect(textIn(plan, /^Follow writes/)).toMatch(
    /CREATE POLICY \S+ ON "public"."orders" AS RESTRICTIVE .* -- ACCESS EXCLUSIVE on "public"."orders"/,
  );
  expect(textIn(plan, /^Follow writes/)).not.toMatch(/POLICY \S+ ON "public"."lines"/);
});

test("what a plan to a schema and back shows is what runs", async () => {
  const there = await play("2", "schema");
  expect(notRun(there)).toEqual([]);
  expect(notShown(there)).toEqual([]);
  const back = await play("2", "shared", there.to.schema);
  expect(textIn(back, /^Complete, /)).toMatch(/DROP SCHEMA IF EXISTS "t_\w+" CASCADE -- ACCESS EXCLUSIVE/);
  expect(notRun(back)).toEqual([]);
  expect(notShown(back)).toEqual([]);
});
