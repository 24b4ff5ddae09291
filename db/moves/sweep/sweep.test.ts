import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { readJob } from "../../jobs/read.ts";
import { type Working, work } from "../../jobs/work.ts";
import { ownName } from "../../managed/own-name.ts";
import { systemActor } from "../../mint.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { startThrowaway } from "../../testing/server.ts";
import type { PlanMove } from "../contract.ts";
import { moveJobs } from "../jobs.ts";
import type { Move } from "../move.ts";
import { planMove } from "../plan/plan.ts";
import { completeByTwo } from "../testing/complete.ts";
import { openShop, type Shop } from "../testing/shop.ts";
import { untilState } from "../testing/until.ts";
import { abortMove, cutOverMove } from "../verbs/act.ts";
import { startMove } from "../verbs/start.ts";
import { type Leftover, sweepSubject } from "./contract.ts";
import { findLeftovers } from "./find.ts";
import type { Swept } from "./inputs.ts";
import { hashOfAll } from "./leftover.ts";
import { removeLeftovers } from "./remove.ts";
import { takeAway } from "./take-away.ts";

const actor = systemActor("sweep test");
let shop: Shop;
let working: Working;
let server: Awaited<ReturnType<typeof startThrowaway>>;

// Other tests' databases are leftovers in the eyes of a sweeper, so it has a server of its own.
beforeAll(async () => {
  server = await startThrowaway();
  process.env.CARETAKER_TEST_SERVER = server.url;
  await freshControl();
  shop = await openShop(8, 100);
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 50 });
});

afterAll(async () => {
  await working.stop();
  await shop.client.end();
  await closeFleet();
  await closeControl();
  await server.remove();
});

async function start(
  key: string,
  to: Omit<PlanMove, "tenantId">,
  cutover: "asked" | "ready" = "asked",
): Promise<string> {
  const input = { ...to, tenantId: shop.tenants.get(key) ?? "" };
  const { hash } = await planMove(actor, input);
  return (await startMove(actor, { ...input, planHash: hash, cutover, graceHours: 0 })).moveId;
}

/** The console's books lose a move, as they do when an older copy of them is restored. */
async function forget(moveId: string): Promise<void> {
  for (const [table, column] of [
    ["move_events", "move_id"],
    ["move_tables", "move_id"],
    ["moves", "id"],
  ]) {
    await controlPool().query(`DELETE FROM ${table} WHERE ${column} = $1`, [moveId]);
  }
}

/** As a worker leaves it that ended a move and took nothing down. */
async function endWithout(move: Move, state: "aborted" | "completed"): Promise<void> {
  await controlPool().query("UPDATE moves SET state = $2, ended_at = now() WHERE id = $1", [move.id, state]);
  const gone = state === "aborted" ? move.toPlacementId : move.fromPlacementId;
  await controlPool().query("UPDATE placements SET state = 'dropped', closed_at = now() WHERE id = $1", [gone]);
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

async function found(): Promise<string[]> {
  const { certain, doubtful, silent } = await findLeftovers(actor);
  expect(silent).toEqual([]);
  return [...certain.map(shown), ...doubtful.map((one) => `? ${shown(one)}`)].toSorted();
}

function shown({ kind, name, tenant, databaseName }: Leftover): string {
  const where =
    kind === "database" || kind === "record" ? "" : databaseName === databaseOf(shop.url) ? "" : ` at ${databaseName}`;
  const what = kind === "fences" || kind === "record" ? "" : ` ${kind === "database" ? "" : name}`;
  return `${kind}${what.trimEnd()} of ${tenant?.name ?? "nobody known"}${where}`;
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** As two people do it. Answers what became of each. */
async function remove(leftovers: readonly Leftover[]): Promise<Swept[]> {
  const { actor: first } = await person("administrator", "First");
  const { actor: second } = await person("compliance", "Second");
  const subject = sweepSubject(leftovers);
  const planHash = hashOfAll(leftovers);
  const reason = "left of moves that died";
  const approvalId = await propose(first, { verb: "moves.sweep", subject, planHash, reason });
  await decide(second, { id: approvalId, planHash, decision: "approve" });
  const consent = { typed: subject, reason, planHash, approvalId };
  const { jobId } = await removeLeftovers(first, { ...consent, ids: leftovers.map(({ id }) => id) });
  return untilSwept(jobId);
}

async function untilSwept(jobId: string): Promise<Swept[]> {
  for (let round = 0; round < 2_400; round += 1) {
    const job = await readJob(actor, jobId);
    if (job.state === "done") return (job.result?.swept ?? []) as Swept[];
    if (job.state !== "queued" && job.state !== "running") throw new Error(`The job ${job.state}: ${job.error}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("The job did not end.");
}

const traces = `
  SELECT tgname::text AS trace FROM pg_trigger WHERE tgname ~ '^caretaker_move_' UNION ALL
  SELECT polname FROM pg_policy WHERE polname ~ '^caretaker_move_' UNION ALL
  SELECT proname FROM pg_proc WHERE pronamespace = 'caretaker'::regnamespace AND proname ~ '^move_[0-9a-f]{12}' UNION ALL
  SELECT relname FROM pg_class WHERE relnamespace = 'caretaker'::regnamespace AND relname ~ '^move_[0-9a-f]{12}' UNION ALL
  SELECT move_id::text FROM caretaker.move_workers UNION ALL SELECT move_id::text FROM caretaker.move_progress`;

test("nothing is left of a move that ended as it should, into a schema or a database", async () => {
  for (const tier of ["schema", "database"] as const) {
    const moveId = await start("1", { tier });
    await untilState(moveId, "ready");
    await abortMove(actor, { moveId });
    await untilState(moveId, "aborted");
    await expect.poll(found).toEqual([]);
  }
  const moveId = await start("1", { tier: "schema" }, "ready");
  await untilState(moveId, "moved");
  await completeByTwo(moveId);
  await untilState(moveId, "completed");
  const back = await start("1", { tier: "shared" }, "ready");
  await untilState(back, "moved");
  await completeByTwo(back);
  await untilState(back, "completed");
  expect(await found()).toEqual([]);
  expect(await ask(traces)).toEqual([]);
});

test("whatever moves that died have left is found, and goes after two people agreed; what lives stays", async () => {
  const unknown = await untilState(await start("2", { tier: "schema" }), "ready");
  const unknownThere = await untilState(await start("3", { tier: "database" }), "ready");
  const aborted = await untilState(await start("4", { tier: "schema" }), "ready");
  const completed = await untilState(await start("5", { tier: "schema" }, "ready"), "moved");
  const running = await untilState(await start("6", { tier: "schema" }), "ready");
  const healthy = await untilState(await start("7", { tier: "schema" }, "ready"), "moved");
  await completeByTwo(healthy.id);
  await untilState(healthy.id, "completed");
  const byHand = await untilState(await start("8", { tier: "schema" }), "ready");
  await forget(unknown.id);
  await forget(unknownThere.id);
  await endWithout(aborted, "aborted");
  await endWithout(completed, "completed");
  await ask(`DROP SCHEMA ${byHand.to.schema} CASCADE`);
  await endWithout(byHand, "aborted");
  const foreign = ["t_7", "t_abc", `x${unknown.to.schema}`, "t_zzzzzzzzzzzzzzzzzzzzzzzz"];
  await ask(
    `${foreign.map((name) => `CREATE SCHEMA ${name}; CREATE TABLE ${name}.orders AS SELECT 1 AS id`).join(";")};
     CREATE FUNCTION public.mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
     CREATE TRIGGER caretaker_move_000000000000_a_insert AFTER INSERT ON notes EXECUTE FUNCTION public.mine()`,
  );

  // The last worker may still be closing its connections.
  await expect
    .poll(found, { timeout: 10_000 })
    .toEqual([
      "? rows rows of 5 of Tenant 5",
      `capture log of ${byHand.to.schema} of Tenant 8`,
      "database of Tenant 3",
      ...["2", "3", "4", "5", "8"].map((key) => `fences of Tenant ${key}`),
      "record of Tenant 2",
      "record of Tenant 3",
      ...[unknown, aborted].map(({ to, tenantName }) => `schema ${to.schema} of ${tenantName}`).toSorted(),
    ]);
  const before = await findLeftovers(actor);
  const schema = before.certain.find(({ kind }) => kind === "schema");
  expect(schema?.rows).toBeGreaterThan(100);
  const alone = { ids: [schema?.id ?? ""], planHash: schema?.hash ?? "", reason: "tidy", typed: schema?.name };
  const { actor: one } = await person("administrator", "One");
  await expect(removeLeftovers(one, alone)).rejects.toMatchObject({ code: "approval" });
  await expect(removeLeftovers(one, { ...alone, planHash: "0" })).rejects.toMatchObject({ code: "stale_plan" });
  const { actor: reader } = await person("support", "Reader");
  await expect(removeLeftovers(reader, alone)).rejects.toMatchObject({ code: "forbidden" });

  const swept = await remove(before.certain);
  expect(swept.filter(({ removed }) => !removed)).toEqual([]);
  expect(await found()).toEqual(["? rows rows of 5 of Tenant 5"]);
  const prefix = running.id.replaceAll("-", "").slice(0, 12);
  const left = await ask(traces);
  expect(left.length).toBeGreaterThan(20);
  expect(left.filter(({ trace }) => !String(trace).includes(prefix) && trace !== running.id)).toEqual([
    { trace: "caretaker_move_000000000000_a_insert" },
  ]);
  for (const name of [...foreign, healthy.to.schema, completed.to.schema, running.to.schema]) {
    expect(await ask(`SELECT FROM ${name}.orders LIMIT 1`)).toHaveLength(1);
  }
  for (const key of ["2", "3", "4", "8"]) {
    const write = `INSERT INTO orders (tenant_id, note) VALUES (${key}, 'written again')`;
    await ask(`BEGIN; SET LOCAL app.current_tenant_id = '${key}'; ${write}; COMMIT`, shop.applicationUrl);
  }
  await ask(`INSERT INTO ${completed.to.schema}.orders (tenant_id) VALUES (5)`, shop.applicationUrl);
  await cutOverMove(actor, { moveId: running.id });
  await untilState(running.id, "moved");
  expect(
    await ask("SELECT FROM caretaker.audit_logs WHERE action = 'sweep' AND resource_type = 'schema'"),
  ).toHaveLength(2);
}, 180_000);

test("what is not certain is shown and cannot be removed, and a database that is silent is named", async () => {
  const tenantId = shop.tenants.get("3") ?? "";
  const name = ownName(tenantId);
  await ask(`CREATE SCHEMA ${name}; CREATE TABLE ${name}.orders AS SELECT * FROM orders LIMIT 3`);
  const doubted = async () => (await findLeftovers(actor)).doubtful.find((one) => one.name === name);
  expect(await doubted()).toMatchObject({ rows: 3, statements: [], why: expect.stringContaining("neither a gate") });
  const ids = [(await doubted())?.id ?? ""];
  await expect(removeLeftovers(actor, { ids, planHash: "0" })).rejects.toMatchObject({ code: "conflict" });

  await ask(`TRUNCATE ${name}.orders`);
  expect(await doubted()).toBeUndefined();
  const client = new pg.Client(shop.url);
  await client.connect();
  await client.query(`BEGIN; SELECT FROM ${name}.orders`);
  expect(await doubted()).toMatchObject({ why: expect.stringContaining("uses its tables now") });
  await client.query("SET application_name = 'caretaker'");
  expect(await doubted()).toBeUndefined();
  await client.query("COMMIT");
  const [seen] = (await findLeftovers(actor)).certain;
  await ask(`CREATE VIEW public.needs AS SELECT FROM ${name}.orders`);
  expect(await doubted()).toMatchObject({ why: expect.stringContaining("public.needs of another schema need it") });
  await ask("DROP VIEW public.needs");
  await client.query(`INSERT INTO ${name}.orders (id) VALUES (1)`);
  await client.end();
  const stop = new AbortController().signal;
  await expect(takeAway(actor, seen as Leftover, "late", stop)).rejects.toMatchObject({ code: "stale_plan" });
  expect(await ask(`SELECT FROM ${name}.orders`)).toHaveLength(1);
  await ask(`TRUNCATE ${name}.orders`);
  await takeAway(actor, seen as Leftover, "now", stop);
  expect(await takeAway(actor, seen as Leftover, "again", stop)).toBe("It was gone already.");

  await controlPool().query("UPDATE servers SET port = 1 WHERE id = (SELECT server_id FROM databases WHERE id = $1)", [
    shop.id,
  ]);
  const blind = await findLeftovers(actor);
  expect(blind.silent).toMatchObject([{ databaseId: shop.id }]);
  expect(blind.asked).toBe(0);
}, 60_000);
