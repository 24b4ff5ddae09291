import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import pino from "pino";
import type { Actor } from "#db/actor.ts";
import { isOver } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";
import { work } from "#db/jobs/work.ts";
import { planRestoreInput } from "#db/records/restore/contract.ts";
import { restoreJobs } from "#db/records/restore/jobs.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";
import { deleteFamily } from "./rows.ts";

export interface RestoreFigures extends Record<string, number> {
  plan_10k_s: number;
  restore_10k_s: number;
  restore_100k_s: number;
  memory_growth_mb: number;
}

/** Plans and runs one restore that fits a transaction and one that does not; the sizes are of the rows. */
export async function timeRestores(
  client: pg.Client,
  actor: Actor,
  database: string,
  sizes: { atOnce: number; inChunks: number },
): Promise<RestoreFigures> {
  const small = planRestoreInput.parse({ database, transaction: await deleteFamily(client, sizes.atOnce) });
  const [plan, planned] = await timed(() => planRestore(actor, small));
  if (plan.status !== "clean") throw new Error(`The plan is ${plan.status}.`);
  const [{ job: none }, restored] = await timed(() => runRestore(actor, { plan: plan.hash }));
  if (none !== null) throw new Error(`${plan.writes} rows are more than one transaction writes.`);
  await client.query("DELETE FROM customers WHERE id > 10000000");

  const large = planRestoreInput.parse({ database, transaction: await deleteFamily(client, sizes.inChunks) });
  const worker = work(restoreJobs, { log: pino({ level: "silent" }), pollMs: 20 });
  const shown = await planRestore(actor, large);
  global.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const [, chunked] = await timed(async () => {
    const { job } = await runRestore(actor, { plan: shown.hash }, { atOnce: sizes.atOnce, inChunk: sizes.atOnce / 2 });
    for (;;) {
      const { state, error } = await readJob(actor, job ?? "");
      peak = Math.max(peak, process.memoryUsage().rss);
      if (state === "failed") throw new Error(error ?? "The restore failed.");
      if (isOver(state)) return;
      await pause(50);
    }
  });
  await worker.stop();
  return {
    plan_10k_s: planned,
    restore_10k_s: restored,
    restore_100k_s: chunked,
    memory_growth_mb: Math.round((peak - before) / 1_048_576),
  };
}

async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  const value = await run();
  return [value, Math.round((performance.now() - begun) / 10) / 100];
}
