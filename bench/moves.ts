import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { openShop } from "#db/moves/testing/shop.ts";
import { freshControl } from "#db/testing/databases.ts";
import { registerServer } from "#db/testing/register.ts";
import type { Bench, BenchTable } from "./bench.ts";
import { Application, percentile } from "./faults/ledger/application.ts";
import { Workers } from "./faults/moves/workers.ts";
import { Others } from "./moves/others.ts";
import { type Felt, moveToAndFro } from "./moves/to-and-fro.ts";

const sizes = {
  small: { ordersEach: 400, movesEach: 2, calmMs: 1_000 },
  full: { ordersEach: 8_000, movesEach: 10, calmMs: 2_000 },
};

/**
 * Moves a tenant between the shared schema and a place of its own while it and two others are written to: how long its writers are
 * held at a cutover, and how much slower the others' transactions are while a move lasts than right before it. The worker is a
 * process of its own and so is the traffic of the others, and both servers write to the disk what they commit.
 */
export const bench: Bench = async ({ size }) => {
  const { ordersEach, movesEach, calmMs } = sizes[size];
  const [home, other] = [await durableServer(), await durableServer()];
  process.env.CARETAKER_TEST_SERVER = home.url;
  const ends: (() => Promise<unknown>)[] = [];
  try {
    await freshControl();
    const shop = await openShop(4, ordersEach);
    shop.client.on("error", () => {}); // the server goes with the bench, also where it fails
    const serverId = await registerServer(other.url, shop.applicationUrl);
    const application = new Application(shop, "1", { writers: 4, others: [], seed: 1, restMs: 10 });
    const others = await Others.start({ applicationUrl: shop.applicationUrl, tenants: ["3", "4"], restMs: 10 });
    const worker = await Workers.start(1, {});
    ends.push(
      () => worker.stop(),
      () => application.end(),
      () => others.end(),
      () => shop.client.end(),
    );
    const tenantId = shop.tenants.get("1") ?? "";
    application.start();
    const felt: Record<string, Felt> = {};
    for (const [kind, target] of Object.entries({
      "one database": { tenantId, tier: "schema" as const },
      "two databases, one server": { tenantId, tier: "database" as const },
      "two servers": { tenantId, tier: "database" as const, serverId },
    })) {
      felt[kind] = await moveToAndFro(application, others, target, movesEach, calmMs);
    }
    return { figures: figuresOf(felt, movesEach), tables: [pausesTable(felt), othersTable(felt)] };
  } finally {
    for (const end of ends) await end();
    await closeFleet();
    await closeControl();
    await home.remove();
    await other.remove();
  }
};

function figuresOf(felt: Record<string, Felt>, movesEach: number): Record<string, number> {
  const pauseOf = (kind: string) => round(percentile(felt[kind]?.pausesMs ?? [], 0.95));
  const all = Object.values(felt);
  const calm = percentile(
    all.flatMap(({ calmMs }) => calmMs),
    0.99,
  );
  const beside = percentile(
    all.flatMap(({ besideMs }) => [...besideMs.values()].flat()),
    0.99,
  );
  return {
    moves: movesEach * all.length,
    cutovers: all.reduce((sum, { pausesMs }) => sum + pausesMs.length, 0),
    pause_same_db_p95_ms: pauseOf("one database"),
    pause_same_server_p95_ms: pauseOf("two databases, one server"),
    pause_cross_server_p95_ms: pauseOf("two servers"),
    others_p99_ms: round(calm),
    others_p99_ms_beside: round(beside),
    others_p99_ratio: round(beside / calm),
  };
}

function pausesTable(felt: Record<string, Felt>): BenchTable {
  const rows = Object.entries(felt).map(([kind, { pausesMs, waitsMs, movesMs }]) => [
    kind,
    pausesMs.length,
    ...[0.5, 0.95, 1].map((share) => round(percentile(pausesMs, share))),
    ...[0.5, 0.95].map((share) => round(percentile(waitsMs, share))),
    round(percentile(movesMs, 0.5)),
  ]);
  return {
    title: "How long the tenant's writers were held, and their slowest transaction at each cutover",
    columns: ["between", "cutovers", "pause p50 ms", "p95 ms", "max ms", "slowest p50 ms", "p95 ms", "move p50 ms"],
    rows,
  };
}

function othersTable(felt: Record<string, Felt>): BenchTable {
  const rows = Object.entries(felt).flatMap(([kind, { calmMs, besideMs }]) =>
    [["before", calmMs] as const, ["beside", [...besideMs.values()].flat()] as const, ...besideMs].map(
      ([when, took]) => [
        `${kind}, ${when.replaceAll("_", " ")}`,
        took.length,
        ...[0.5, 0.95, 0.99].map((share) => round(percentile(took, share))),
      ],
    ),
  );
  return {
    title: "Transactions of the other tenants",
    columns: ["", "transactions", "p50 ms", "p95 ms", "p99 ms"],
    rows,
  };
}

async function durableServer(): Promise<{ url: string; remove(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-bench-"));
  const cluster = await startCluster({ dataDir, durable: true, settings: { max_connections: "100" } });
  return {
    url: cluster.url,
    remove: async () => {
      await cluster.stop("immediate");
      await removeCluster(dataDir);
    },
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
