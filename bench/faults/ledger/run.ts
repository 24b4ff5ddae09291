import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import { systemActor } from "#db/mint.ts";
import type { PlanMove } from "#db/moves/contract.ts";
import { type Move, readMoveRecord } from "#db/moves/move.ts";
import { planMove } from "#db/moves/plan/plan.ts";
import { completeByTwo } from "#db/moves/testing/complete.ts";
import { openShop, type Shop } from "#db/moves/testing/shop.ts";
import { untilState } from "#db/moves/testing/until.ts";
import { cutOverMove, reverseMove, verifyMove } from "#db/moves/verbs/act.ts";
import { startMove } from "#db/moves/verbs/start.ts";
import { freshControl } from "#db/testing/databases.ts";
import { registerServer } from "#db/testing/register.ts";
import { Workers } from "../moves/workers.ts";
import type { Verdict } from "../run.ts";
import { Application, percentile } from "./application.ts";
import { statesAt } from "./writer.ts";

const actor = systemActor("ledger");
const tenant = "1";
/** Transactions of the others, for their p99 to be one. */
const enough = 100;

/** Each begins where the one before ended: all six directions, the first again so that each other one can begin. */
const directions = ["schema", "shared", "schema", "database", "shared", "database", "schema"] as const;

export interface LedgerSize {
  ordersEach: number;
  directions: number;
  restMs: number;
  /** How long the application writes in each state. */
  dwellMs: number;
}

/**
 * Moves a tenant to and fro while eight writers write, and compares what was acknowledged to them with what is there: forward, back
 * and forward again in each direction, with 10,000-row transactions across each cutover. `other` is a second server.
 */
export async function runLedger(size: LedgerSize, seed: number, other: string | null): Promise<Verdict> {
  await freshControl();
  const shop = await openShop(4, size.ordersEach);
  shop.client.on("error", () => {}); // the server goes with the run
  const serverId = other ? await registerServer(other, shop.applicationUrl) : undefined;
  // A process of its own, as in life: what it computes holds no writer up.
  const workers = await Workers.start(1, {});
  const application = new Application(shop, tenant, { writers: 8, others: ["3", "4"], seed, restMs: size.restMs });
  const figures = {
    directions: 0,
    cutovers: 0,
    acknowledged: 0,
    acknowledged_per_s: 0,
    refused: 0,
    lost: 0,
    changed: 0,
    resurrected: 0,
    differing_places: 0,
    unexpected_errors: 0,
    pause_ms_p50: 0,
    pause_ms_max: 0,
    others_p99_ratio: 0,
  };
  const violations: string[] = [];
  const pauses: number[] = [];
  let wroteMs = 0;
  application.start();
  const calmMs: number[] = [];
  while (calmMs.length < enough) {
    await pause(size.dwellMs);
    calmMs.push(...application.othersTook());
  }
  const calmP99 = percentile(calmMs, 0.99);
  for (const tier of directions.slice(0, size.directions)) {
    const begun = performance.now();
    if (figures.directions > 0) application.start();
    const input: PlanMove = {
      tenantId: shop.tenants.get(tenant) ?? "",
      tier,
      ...(tier === "database" ? { serverId } : {}),
    };
    const moveId = await begin(input);
    await untilState(moveId, "ready", 120_000);
    for (const way of ["forward", "back", "forward"] as const) {
      await pause(size.dwellMs);
      await across(application, moveId, way);
      pauses.push((await pauseOf(moveId)) ?? 0);
      figures.cutovers += 1;
    }
    await pause(size.dwellMs);
    await application.rest();
    wroteMs += performance.now() - begun;
    const compared = application.ledger.compare(await found(shop, await readMoveRecord(moveId), other));
    figures.lost += compared.lost;
    figures.changed += compared.changed;
    figures.resurrected += compared.resurrected;
    violations.push(...compared.examples.slice(0, 5).map((example) => `${tier}: ${example}`));
    const differ = await differing(moveId);
    if (differ) {
      figures.differing_places += 1;
      violations.push(`${tier}: ${differ}`);
    }
    await completeByTwo(moveId);
    await untilState(moveId, "completed", 60_000);
    figures.directions += 1;
  }
  figures.acknowledged = application.ledger.acknowledged;
  figures.acknowledged_per_s = Math.round(figures.acknowledged / (wroteMs / 1_000));
  figures.refused = [...application.writers, ...application.bulk].reduce((sum, writer) => sum + writer.refused, 0);
  const all = [...application.writers, ...application.bulk];
  const unexpected = all.flatMap((writer) => writer.unexpected);
  // Nobody strikes here: a lost connection is as unexpected as any other error.
  const interrupted = all.reduce((sum, writer) => sum + writer.interrupted, 0);
  figures.unexpected_errors = unexpected.length + interrupted;
  if (interrupted > 0) violations.push(`${interrupted} transactions lost their connection.`);
  violations.push(...unexpected.slice(0, 5));
  figures.pause_ms_p50 = round(percentile(pauses, 0.5));
  figures.pause_ms_max = round(Math.max(...pauses));
  figures.others_p99_ratio = round(percentile(application.othersTook(), 0.99) / calmP99);
  await application.end();
  await workers.stop();
  await shop.client.end();
  return { figures, violations };
}

async function begin(input: PlanMove): Promise<string> {
  const { hash } = await planMove(actor, input);
  const { moveId } = await startMove(actor, {
    ...input,
    planHash: hash,
    cutover: "asked",
    graceHours: 0,
    pace: "fast",
  });
  return moveId;
}

/** A cutover with a long transaction under way that began before it and one that begins in the middle of it. */
async function across(application: Application, moveId: string, way: "forward" | "back"): Promise<void> {
  const [first, second] = application.bulk;
  const long = first?.bulk();
  await pause(50);
  await (way === "forward" ? cutOverMove(actor, { moveId }) : reverseMove(actor, { moveId }));
  await pause(30);
  const later = second?.bulk();
  const state = way === "forward" ? "moved" : "ready";
  const other = way === "forward" ? "ready" : "moved";
  for (;;) {
    const move = await readMoveRecord(moveId);
    if (move.state === state) break;
    // Given up because of the long transactions: asked again.
    if (move.state === other)
      await (way === "forward" ? cutOverMove(actor, { moveId }) : reverseMove(actor, { moveId }));
    if (move.failed) throw new Error(move.error ?? "The move failed.");
    await pause(20);
  }
  await Promise.all([long, later]);
}

async function pauseOf(moveId: string): Promise<number | null> {
  const { rows } = await controlPool().query<{ pause: number | null }>(
    "SELECT pause_ms AS pause FROM moves WHERE id = $1",
    [moveId],
  );
  return rows[0]?.pause ?? null;
}

async function found(shop: Shop, { to }: Move, other: string | null): Promise<Map<string, string>> {
  const url = new URL(other && Number(new URL(other).port) === to.port ? other : shop.url);
  url.pathname = `/${to.databaseName}`;
  return statesAt(url.href, to.schema, tenant);
}

/** With nobody writing, both places must hold the same rows: a write at the wrong one would show. */
async function differing(moveId: string): Promise<string | null> {
  await verifyMove(actor, { moveId });
  for (;;) {
    const move = await readMoveRecord(moveId);
    if (move.failed) return move.error;
    if (!move.verifyAsked) return null;
    await pause(20);
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
