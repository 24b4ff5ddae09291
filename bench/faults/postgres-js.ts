import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import postgres from "postgres";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { createPool } from "#db/pool.ts";
import { inTransaction } from "#db/transaction.ts";
import { ledgerOf, openBank, type Transfer, transferStatements } from "./bank.ts";
import { application, pause, type Tally, terminateBackends } from "./faults.ts";
import { connections, faultLimits, newTransfer, writers } from "./load.ts";
import { random } from "./random.ts";
import type { Size, Verdict } from "./run.ts";

/** An operation that has not settled this long after the last termination is hung: its statements take milliseconds. */
const settleMs = 10_000;

const terminations: Record<Size, number> = { small: 20, full: 100 };

type Transact = (transfer: Transfer) => Promise<void>;

/** Why the driver is not postgres.js: both drivers lose busy backends under the same load, and one never answers again. */
export async function postgresJs(size: Size, seed: number): Promise<Verdict> {
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-faults-"));
  const cluster = await startCluster({ dataDir, durable: false });
  const admin = new pg.Client(cluster.url);
  await admin.connect();
  await openBank(admin);
  await admin.end();
  const uncaught = { count: 0 };
  const survive = () => {
    uncaught.count += 1;
  };
  process.on("uncaughtException", survive).on("unhandledRejection", survive);
  try {
    const other = postgresPool(cluster.url);
    const theirs = await measure(cluster.url, other.transact, terminations[size], seed);
    const theirUncaught = uncaught.count;
    await Promise.race([other.end(), pause(2_000)]);
    const pool = createPool({ connectionString: cluster.url, application_name: application, max: connections });
    const ours = await measure(cluster.url, pgTransact(pool), terminations[size], seed);
    await pool.end();
    return {
      figures: {
        "postgres.js terminations": theirs.terminated,
        "postgres.js settled": theirs.settled,
        "postgres.js hung": theirs.hung,
        "postgres.js uncaught errors": theirUncaught,
        "pg terminations": ours.terminated,
        "pg settled": ours.settled,
        "pg hung": ours.hung,
        "pg uncaught errors": uncaught.count - theirUncaught,
      },
      violations: ours.hung > 0 ? [`pg left ${ours.hung} operations hanging.`] : [],
    };
  } finally {
    process.off("uncaughtException", survive).off("unhandledRejection", survive);
    await cluster.stop("immediate");
    await removeCluster(dataDir);
  }
}

function postgresPool(url: string): { transact: Transact; end: () => Promise<void> } {
  const sql = postgres(url, { max: connections, connection: { application_name: application }, onnotice: () => {} });
  const transact: Transact = async (transfer) => {
    await sql.begin(async (tx) => {
      await tx`INSERT INTO operation (id, amount) VALUES (${transfer.id}, ${transfer.amount})`;
      for (const [text, values] of transferStatements(transfer)) await tx.unsafe(text, values);
    });
  };
  return { transact, end: () => sql.end({ timeout: 1 }) };
}

function pgTransact(pool: pg.Pool): Transact {
  return (transfer) =>
    inTransaction(
      pool,
      async (client) => {
        for (const [text, values] of transferStatements(transfer)) await client.query(text, values);
      },
      { limits: faultLimits, ledger: ledgerOf(transfer) },
    );
}

/** Runs the load while busy backends are terminated, for at most a minute, then waits for every operation to settle. */
async function measure(url: string, transact: Transact, times: number, seed: number) {
  const chance = random(seed);
  const tally: Tally = { terminated: 0, restarts: 0, cuts: 0, wholeMsMax: 0 };
  let [begun, settled, stopping] = [0, 0, false];
  const writer = async () => {
    while (!stopping) {
      begun += 1;
      await transact(newTransfer(chance)).catch(() => pause(5));
      settled += 1;
    }
  };
  for (let n = 0; n < writers; n++) void writer();
  await pause(500);
  await terminateBackends(url, times, chance, tally, AbortSignal.timeout(60_000));
  stopping = true;
  const deadline = performance.now() + settleMs;
  while (settled < begun && performance.now() < deadline) await pause(50);
  return { terminated: tally.terminated, settled, hung: begun - settled };
}
