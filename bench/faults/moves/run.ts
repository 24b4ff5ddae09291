import { controlPool } from "#db/control.ts";
import { systemActor } from "#db/mint.ts";
import type { Move } from "#db/moves/move.ts";
import { planMove } from "#db/moves/plan/plan.ts";
import { openShop, type Shop } from "#db/moves/testing/shop.ts";
import { startMove } from "#db/moves/verbs/start.ts";
import { freshControl } from "#db/testing/databases.ts";
import { Application } from "../ledger/application.ts";
import { statesAt } from "../ledger/writer.ts";
import { patiently } from "../patience.ts";
import { random } from "../random.ts";
import type { Verdict } from "../run.ts";
import { type Leg, travel } from "./journey.ts";
import { standing } from "./leftovers.ts";
import { Worker } from "./worker.ts";

const actor = systemActor("faults");
const tenant = "1";
/** Each tier with the one that the tenant moves to from there. */
const next = { shared: "schema", schema: "database", database: "shared" } as const;
type Tier = keyof typeof next;

const journeys: Leg[][] = [
  ["forward", "complete"],
  ["forward", "back", "abort"],
  ["forward", "back", "forward", "complete"],
  ["abort"],
];
const hows = ["process", "connection", "backend"] as const;

export interface MovesSize {
  points: number;
  ordersEach: number;
  /** One in so many points waits until a killed worker's lease is over by itself. */
  patientEach: number;
}

/**
 * Moves a tenant on and on while it is written to, and strikes each move's worker once. Each move must end fully there or fully back,
 * with every acknowledged write, with the tenant writable at one place again within 30 s, and with nothing left of the move.
 */
export async function strikeMoves(size: MovesSize, seed: number): Promise<Verdict> {
  await freshControl();
  const shop = await openShop(4, size.ordersEach);
  shop.client.on("error", () => {}); // strikes at the server end it
  const chance = random(seed);
  const application = new Application(shop, tenant, { writers: 3, seed, restMs: 8 });
  const figures = {
    points: 0,
    workers_killed: 0,
    moved: 0,
    back: 0,
    acknowledged: 0,
    interrupted: 0,
    lost: 0,
    changed: 0,
    resurrected: 0,
    unfinished: 0,
    leftovers: 0,
    unwritable_ms_max: 0,
  };
  const violations: string[] = [];
  let tier: Tier = "shared";
  /** By journey: how many statements its worker made when nothing struck. */
  const whole = new Map<number, number>();
  for (let point = 0; point < size.points + journeys.length; point += 1) {
    const which = point % journeys.length;
    const calm = point < journeys.length;
    const at = calm ? 0 : 1 + Math.floor(chance() * (whole.get(which) ?? 1));
    const how = calm ? "none" : (hows[Math.floor(chance() * hows.length)] ?? "process");
    const label = `point ${point}: ${tier} to ${next[tier]}, ${journeys[which]?.join(" ")}, ${how} at statement ${at}`;
    if (process.env.VERBOSE) console.error(label);
    application.start();
    try {
      const moveId = await begin(shop, next[tier]);
      const worker = new Worker(at, how);
      const patient = point % size.patientEach === 0;
      const ended = await travel(moveId, journeys[which] ?? [], () => (patient ? [] : worker.gone), 120_000).finally(
        async () => {
          const statements = await worker.stop();
          if (calm) whole.set(which, statements);
        },
      );
      await application.rest();
      if (!calm) figures.points += 1;
      figures.workers_killed += worker.gone.length;
      figures[ended.state === "completed" ? "moved" : "back"] += 1;
      const home = ended.state === "completed" ? ended.to : ended.from;
      tier = home.tier;
      const wrong = await faultsOf(shop, application, home, figures);
      violations.push(...wrong.map((fault) => `${label}: ${fault}`));
    } catch (error) {
      figures.unfinished += 1;
      violations.push(`${label}: ${error instanceof Error ? error.message : String(error)}`);
      break; // what follows would stand on it
    }
  }
  await application.end();
  await shop.client.end().catch(() => {});
  figures.acknowledged = application.ledger.acknowledged;
  figures.interrupted = application.writers.reduce((sum, { interrupted }) => sum + interrupted, 0);
  figures.unwritable_ms_max = Math.round(application.ledger.longestGapMs);
  if (figures.unwritable_ms_max > 30_000) {
    violations.push(`The tenant could not be written to for ${figures.unwritable_ms_max} ms.`);
  }
  violations.push(...application.writers.flatMap(({ unexpected }) => unexpected).slice(0, 5));
  return { figures, violations };
}

async function begin(shop: Shop, tier: Tier): Promise<string> {
  const input = { tenantId: shop.tenants.get(tenant) ?? "", tier };
  const { hash } = await patiently(() => planMove(actor, input));
  const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
  return moveId;
}

interface Counted {
  lost: number;
  changed: number;
  resurrected: number;
  leftovers: number;
}

/** With nobody writing: what is not as it was acknowledged, and what a move that is over left behind. */
async function faultsOf(shop: Shop, application: Application, home: Move["to"], figures: Counted): Promise<string[]> {
  const url = new URL(shop.url);
  url.pathname = `/${home.databaseName}`;
  const compared = application.ledger.compare(await patiently(() => statesAt(url.href, home.schema, tenant)));
  figures.lost += compared.lost;
  figures.changed += compared.changed;
  figures.resurrected += compared.resurrected;
  const here = await standing(shop.url, tenant);
  const there = home.tier === "database" ? await standing(url.href, tenant) : null;
  const { rows } = await controlPool().query<{ open: number; standing: number }>(
    `SELECT (SELECT count(*)::int FROM placements WHERE tenant_id = $1 AND state = 'open') AS open,
            (SELECT count(*)::int FROM placements WHERE tenant_id = $1 AND state NOT IN ('open', 'dropped')) AS standing`,
    [shop.tenants.get(tenant)],
  );
  const left = [
    ...here.traces,
    ...(there?.traces ?? []),
    ...here.schemas.filter((name) => !(home.tier === "schema" && name === home.schema)).map((name) => `schema ${name}`),
    ...(home.tier !== "shared" && here.sharedRows > 0 ? [`${here.sharedRows} rows in the shared tables`] : []),
    ...(rows[0]?.open === 1 ? [] : [`${rows[0]?.open} open placements`]),
    ...(rows[0]?.standing === 0 ? [] : [`${rows[0]?.standing} placements that are neither open nor dropped`]),
    ...(here.openGates + (there?.openGates ?? 0) > 1 ? ["more than one open gate"] : []),
  ];
  figures.leftovers += left.length;
  return [...compared.examples.slice(0, 3), ...left.slice(0, 5)];
}
