import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Cluster, removeCluster, startCluster } from "#db/local/cluster.ts";
import { createPool } from "#db/pool.ts";
import { audit, openBank } from "./bank.ts";
import { application, type Cut, cutNetwork, pause, type Tally, terminateBackends, untilWhole } from "./faults.ts";
import { connections, faultLimits, startLoad, writers } from "./load.ts";
import { network } from "./proxy.ts";
import { random } from "./random.ts";
import type { Size, Verdict } from "./run.ts";

const sizes = {
  small: { terminations: 100, restarts: 2, cuts: 4 },
  full: { terminations: 1_000, restarts: 10, cuts: 10 },
} satisfies Record<Size, unknown>;

// Shorter than the client's 4 s, and longer, so that a COMMIT in flight is both delayed and given up.
const cuts: [Cut, number][] = [
  ["answers", 1_500],
  ["both", 6_000],
  ["reset", 0],
  ["answers", 6_000],
  ["both", 1_500],
];

/** The transaction helper under every fault a connection can meet, with its history compared to the database. */
export async function transactions(size: Size, seed: number): Promise<Verdict> {
  const plan = sizes[size];
  const chance = random(seed);
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  // No power fails here, so nothing need reach the disk; but a commit that was answered must outlive a killed server.
  const start = (port?: number) =>
    startCluster({ dataDir, durable: false, settings: { synchronous_commit: "on" }, ...(port ? { port } : {}) });
  let cluster: Cluster = await start();
  const between = await network(cluster.port);
  const url = new URL(cluster.url);
  url.port = String(between.port);
  const pool = createPool({
    connectionString: url.href,
    application_name: application,
    max: connections,
    statement_timeout: faultLimits.statement,
  });
  const tally: Tally = { terminated: 0, restarts: 0, cuts: 0, wholeMsMax: 0 };
  const deaths: string[] = [];
  const dying = (error: unknown) => deaths.push(`The process would have died: ${String(error)}`);
  process.on("uncaughtException", dying).on("unhandledRejection", dying);
  try {
    await withClient(cluster.url, openBank);
    const load = startLoad(pool, chance);
    await pause(500);
    await terminateBackends(cluster.url, plan.terminations, chance, tally);
    await untilWhole(pool, connections, tally);
    for (; tally.restarts < plan.restarts; tally.restarts++) {
      await cluster.stop(tally.restarts % 2 === 0 ? "immediate" : "fast");
      cluster = await start(cluster.port);
      await untilWhole(pool, connections, tally);
    }
    while (tally.cuts < plan.cuts) {
      const [kind, ms] = cuts[tally.cuts % cuts.length] ?? ["reset", 0];
      await cutNetwork(between, kind, ms, tally);
      await untilWhole(pool, connections, tally);
      await pause(200);
    }
    await load.stop();
    const violations = [
      ...(await withClient(cluster.url, (client) => audit(client, load.history))),
      ...load.hung.map((id) => `${id} hung past its deadline.`),
      ...deaths,
      ...(tally.wholeMsMax > 5_000 ? [`The pool needed ${Math.round(tally.wholeMsMax)} ms to be whole.`] : []),
    ];
    const { committed, failed, unknown } = load.history;
    return {
      figures: {
        writers,
        connections,
        terminations: tally.terminated,
        restarts: tally.restarts,
        network_cuts: tally.cuts,
        committed: committed.size,
        failed: failed.size,
        unknown: unknown.size,
        hung: load.hung.length,
        longest_operation_ms: Math.round(load.longestMs),
        pool_whole_ms_max: Math.round(tally.wholeMsMax),
      },
      violations,
    };
  } finally {
    process.off("uncaughtException", dying).off("unhandledRejection", dying);
    between.heal();
    await pool.end();
    await between.close();
    await cluster.stop("immediate");
    await removeCluster(dataDir);
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
