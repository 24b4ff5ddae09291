import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../actor.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Working, work } from "../../jobs/work.ts";
import type { MoveTier } from "../../moves/contract.ts";
import { moveJobs } from "../../moves/jobs.ts";
import { readMoveRecord } from "../../moves/move.ts";
import { planMove } from "../../moves/plan/plan.ts";
import { completeByTwo } from "../../moves/testing/complete.ts";
import { untilState } from "../../moves/testing/until.ts";
import { cutOverMove, reverseMove, verifyMove } from "../../moves/verbs/act.ts";
import { startMove } from "../../moves/verbs/start.ts";
import { freshControl } from "../databases.ts";
import { person } from "../people.ts";
import { registerServer } from "../register.ts";
import { startThrowaway } from "../server.ts";
import { ask, checksums, orphans, type Place } from "./places.ts";
import { openSigning, type Signing } from "./signing.ts";
import { closePools, resolverOf, Traffic } from "./traffic.ts";

const moving = "org_1";
const busy = "org_2";

let administrator: Actor;
let service: Signing;
let working: Working;
let second: Awaited<ReturnType<typeof startThrowaway>>;
let serverId: string;
let traffic: Traffic;
let others: Traffic;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  service = await openSigning(administrator, 20);
  second = await startThrowaway();
  serverId = await registerServer(second.url, service.applicationUrl);
  working = work(moveJobs, { log: pino({ level: process.env.VERBOSE ? "info" : "silent" }), pollMs: 20 });
  const inTenant = resolverOf(service.applicationUrl);
  traffic = new Traffic(inTenant, service.maker, moving);
  others = new Traffic(inTenant, service.maker, busy);
}, 120_000);

afterAll(async () => {
  await traffic?.rest();
  await others?.rest();
  await working?.stop();
  await closePools();
  await closeFleet();
  await closeControl();
  await second?.remove();
});

// Each begins where the one before ended: all six directions, the first again so that each other one can begin.
const directions: [MoveTier, MoveTier][] = [
  ["shared", "schema"],
  ["schema", "shared"],
  ["shared", "schema"],
  ["schema", "database"],
  ["database", "shared"],
  ["shared", "database"],
  ["database", "schema"],
];

// The original's documents have their contents in tables without a tenant, which keeps its organisations in one database.
test.each(process.env.CARETAKER_DOCUMENSO_MIGRATIONS ? directions.slice(0, 3) : directions)(
  "an organisation of the signing service moves from %s to %s while it is used, and back, and there again",
  async (from, to) => {
    const input = {
      tenantId: service.tenants.get(moving) ?? "",
      tier: to,
      ...(to === "database" ? { serverId } : {}),
    };
    const still = await untouched();
    traffic.start(3);
    others.start(1);
    const plan = await planMove(administrator, input);
    expect(plan.from.tier).toBe(from);
    expect(plan.problems.filter(({ severity }) => severity === "blocking")).toEqual([]);
    expect(plan.problems.some(({ code }) => code === "view_left")).toBe(to === "database");
    const { moveId } = await startMove(administrator, {
      ...input,
      planHash: plan.hash,
      cutover: "asked",
      graceHours: 0,
      pace: "fast",
    });
    await untilState(moveId, "ready", 60_000);
    await cutOverMove(administrator, { moveId });
    await sameOnBothSides(moveId, "moved");
    await reverseMove(administrator, { moveId });
    await sameOnBothSides(moveId, "ready");
    await cutOverMove(administrator, { moveId });
    await sameOnBothSides(moveId, "moved");
    await traffic.rest();
    await others.rest();
    await completeByTwo(moveId);
    await untilState(moveId, "completed", 60_000);
    expect([...traffic.unexpected, ...others.unexpected]).toEqual([]);
    expect(await traffic.missing()).toEqual([]);
    expect(others.refused).toBe(0);
    expect(await others.missing()).toEqual([]);
    expect(await untouched()).toEqual(still);
    if (to !== "shared") expect(rowsIn(await checksums(home(), service.model, [moving]))).toBe(0);
    expect(await ask(service.url, "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'caretaker_move%'")).toEqual([]);
    await usable();
  },
  240_000,
);

function home(): Place {
  return { url: service.url, schema: "public", shared: true };
}

function rowsIn(sums: Record<string, string>): number {
  return Object.values(sums).reduce((all, sum) => all + Number(sum.split(" ")[0]), 0);
}

/** What belongs to nobody who writes here. */
function untouched(): Promise<Record<string, string>> {
  const still = [...service.tenants.keys()].filter((key) => ![moving, busy].includes(key));
  return checksums(home(), service.model, still);
}

/** Lets the move come to a state with writes going on, then rests, compares both places by a checksum of our own, and goes on. */
async function sameOnBothSides(moveId: string, state: "moved" | "ready"): Promise<void> {
  const other = state === "moved" ? "ready" : "moved";
  for (;;) {
    const move = await readMoveRecord(moveId);
    if (move.failed) throw new Error(move.error ?? "The move failed.");
    if (move.state === state) break;
    // Given up because of a transaction that took too long: asked again.
    if (move.state === other) await (state === "moved" ? cutOverMove : reverseMove)(administrator, { moveId });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  await traffic.rest();
  await verifyMove(administrator, { moveId });
  const move = await verified(moveId, state);
  const places = [move.from, move.to].map(({ port, databaseName, schema, tier }): Place => {
    const url = new URL(port === second.port ? second.url : service.url);
    url.pathname = `/${databaseName}`;
    return { url: url.href, schema, shared: tier === "shared" };
  });
  const [here, there] = places as [Place, Place];
  const one = await checksums(here, service.model, [moving], there);
  const two = await checksums(there, service.model, [moving], here);
  expect(Object.keys(one).length).toBeGreaterThan(9);
  expect(one).toEqual(two);
  expect(await traffic.missing()).toEqual([]);
  for (const url of new Set(places.map((place) => place.url))) expect(await orphans(url)).toEqual([]);
  traffic.start(3);
}

async function verified(moveId: string, state: "moved" | "ready") {
  for (;;) {
    const move = await readMoveRecord(moveId);
    if (move.failed) throw new Error(move.error ?? "The comparison failed.");
    if (move.state === state && !move.verifyAsked) return move;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The view, the enums and the log are where the organisation is. */
async function usable(): Promise<void> {
  const inTenant = resolverOf(service.applicationUrl);
  const { rows } = await inTenant(moving, (client) =>
    client.query<{ shown: number; there: number }>(
      `SELECT (SELECT count(*)::int FROM "OpenEnvelope" WHERE "team" = $1) AS shown,
              (SELECT count(*)::int FROM "Envelope" e JOIN "Team" t ON t."id" = e."teamId" WHERE t."organisationId" = $1 AND e."deletedAt" IS NULL) AS there`,
      [moving],
    ),
  );
  expect(rows[0]?.there).toBeGreaterThan(0);
  expect(rows[0]?.shown).toBe(rows[0]?.there);
}
