import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import { systemActor } from "#db/mint.ts";
import { findLeftovers } from "#db/moves/sweep/find.ts";
import { openShop } from "#db/moves/testing/shop.ts";
import { freshControl } from "#db/testing/databases.ts";
import { registerServer } from "#db/testing/register.ts";
import { Application } from "../ledger/application.ts";
import { patiently } from "../patience.ts";
import { random } from "../random.ts";
import type { Verdict } from "../run.ts";
import { tend } from "./journey.ts";
import { type Cell, pick, points } from "./matrix.ts";
import { playPoint, type Stage, type Tenant } from "./point.ts";
import { type Servers, startServers, through } from "./servers.ts";
import { Tally } from "./tally.ts";
import { Workers } from "./workers.ts";

export interface MovesSize {
  points: number;
  /** Of one tenant. */
  orders: number;
  tenants: number;
  /** Moves at the same time. */
  lanes: number;
  /** One in so many blows to a worker waits until its lease is over by itself. */
  patientEach: number;
}

const unfinishedMax = 3;
const pointMsMax = 420_000;
/** A minute passes quickly here. */
const tendEveryMs = 5_000;

/**
 * Moves tenants while they are written to, several at a time, and strikes each move once at a point of the failure matrix. Each move
 * must end fully there or fully back, with every acknowledged write, with its tenant writable again within 30 s, and with nothing
 * left of it.
 */
export async function strikeMoves(size: MovesSize, seed: number): Promise<Verdict> {
  const servers = await startServers();
  try {
    return await play(servers, size, seed);
  } finally {
    await servers.remove();
  }
}

async function play(servers: Servers, size: MovesSize, seed: number): Promise<Verdict> {
  const { stage, tenants, end } = await setUp(servers, size, seed);
  const tally = new Tally();
  const cells = points(stage.chance);
  const idle = [...tenants];
  let begun = 0;
  let workerBlows = 0;

  async function lane(): Promise<void> {
    while (begun < size.points && tally.figures.unfinished < unfinishedMax) {
      begun += 1;
      const { tenant, cell } = cast(idle, cells, stage.chance);
      const ofWorker = cell.blow === "kill worker" || cell.blow === "freeze worker";
      if (ofWorker) workerBlows += 1;
      try {
        const played = await inTime(
          playPoint(stage, tenant, cell, ofWorker && workerBlows % size.patientEach === 1),
          cell,
        );
        tally.note(cell, played);
        if (!played.struck) begun -= 1;
        idle.push(tenant);
      } catch (error) {
        tally.noteUnfinished(error);
      }
    }
  }

  const tending = setInterval(() => void tend().catch((error: unknown) => tally.noteUnfinished(error)), tendEveryMs);
  try {
    await Promise.all(Array.from({ length: size.lanes }, lane));
    for (const { application } of tenants) tally.noteApplication(application);
    tally.noteLeftovers(await survey());
    return tally.verdict(stage.workers.killed);
  } finally {
    clearInterval(tending);
    await end();
  }
}

/** A point whose move, blow or application never comes to an end is a violation, and does not keep the run from its own. */
async function inTime<T>(point: Promise<T>, { blow, end, state }: Cell): Promise<T> {
  const over = new AbortController();
  const late = pause(pointMsMax, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${blow}, ${end}, while ${state}: not over after ${pointMsMax / 60_000} minutes.`);
  });
  try {
    return await Promise.race([point, late]);
  } finally {
    over.abort();
    late.catch(() => {}); // aborted
  }
}

/** Asks again where a database did not answer: a connection that was lost without a word is known by that alone. */
async function survey(): Promise<Awaited<ReturnType<typeof findLeftovers>>> {
  const find = () => patiently(() => findLeftovers(systemActor("faults")));
  const found = await find();
  return found.silent.length === 0 ? found : find();
}

/** What comes next, and an idle tenant that it suits. */
function cast(idle: Tenant[], cells: Iterator<Cell, never>, chance: () => number): { tenant: Tenant; cell: Cell } {
  for (;;) {
    const { value: cell } = cells.next();
    const fit = idle.filter((tenant) => suits(cell, tenant));
    if (fit.length === 0) continue;
    const tenant = pick(fit, chance);
    idle.splice(idle.indexOf(tenant), 1);
    return { tenant, cell };
  }
}

/** Tables that others share are not changed, and a disk is full where a tenant gets a database. */
function suits({ blow }: Cell, { tier }: Tenant): boolean {
  return !(blow === "change a table" && tier === "shared") && !(blow === "fill disk" && tier === "database");
}

async function setUp(servers: Servers, size: MovesSize, seed: number) {
  const chance = random(seed);
  process.env.CARETAKER_TEST_SERVER = servers.console.mortal.url;
  const control = await freshControl();
  process.env.CARETAKER_TEST_SERVER = through(servers.home);
  const shop = await openShop(size.tenants, size.orders);
  shop.client.on("error", () => {}); // strikes at the server end it
  const otherServerId = await registerServer(through(servers.other), shop.applicationUrl);
  await controlPool().query("UPDATE servers SET moves_at_once = $1", [size.lanes]);
  const workers = await Workers.start(3, { DATABASE_URL: through(servers.console, control) });
  const stage: Stage = { servers, workers, otherServerId, chance };
  const tenants = [...shop.tenants].map(([key, id]): Tenant => {
    const load = { writers: 2, others: [], seed: seed + Number(key), restMs: 80, direct: servers.direct };
    return { id, key, tier: "shared", ownTypes: false, application: new Application(shop, key, load) };
  });
  const end = async () => {
    await workers.stop();
    for (const { application } of tenants) await application.end();
    await shop.client.end().catch(() => {}); // it is gone with the first blow to its server
  };
  return { stage, tenants, end };
}
