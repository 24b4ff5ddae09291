import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import pino from "pino";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { isOver } from "#db/jobs/contract.ts";
import { work } from "#db/jobs/work.ts";
import { systemActor } from "#db/mint.ts";
import { planRestoreInput } from "#db/records/restore/contract.ts";
import { restoreJobs } from "#db/records/restore/jobs.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";

// node process.ts INPUT AT HOW SIZES: runs a restore from its input and strikes at its AT-th statement: "process" kills this
// process, "backend" the connection that the statement runs on. Without a strike it says how many statements there were. SIZES
// makes a job of it, which this process works on; with an INPUT of {"job": ID} it only goes on with that one.

const [input = "{}", at = "0", how = "process", sizes = ""] = process.argv.slice(2);
const strike = Number(at);
const actor = systemActor("faults");
const { job: begun, ...asked } = JSON.parse(input) as { job?: string };
const planned = begun === undefined ? await planRestore(actor, planRestoreInput.parse(asked)) : null;

let statements = 0;
const query = pg.Client.prototype.query;
Reflect.set(pg.Client.prototype, "query", function (this: pg.Client, ...given: unknown[]): unknown {
  statements += 1;
  if (statements === strike) {
    if (how === "process") process.kill(process.pid, "SIGKILL");
    if (how === "backend") killBackend(this);
  }
  return Reflect.apply(query, this, given);
});

/** With SIGKILL where this account may, as the kernel would; the server then recovers. Else by cutting the connection. */
function killBackend(client: pg.Client): void {
  const pid: unknown = Reflect.get(client, "processID");
  try {
    if (typeof pid === "number") process.kill(pid, "SIGKILL");
  } catch {
    // Another account's process: the connection is cut instead.
    (Reflect.get(Reflect.get(client, "connection") as object, "stream") as { destroy(): void }).destroy();
  }
}

try {
  const { restore, job } = planned
    ? await runRestore(actor, { plan: planned.hash, reason: "faults" }, sizes === "" ? undefined : JSON.parse(sizes))
    : { restore: "", job: begun ?? null };
  if (job !== null) await finish(job);
  console.log(JSON.stringify({ statements, restore }));
} catch (error) {
  console.log(JSON.stringify({ statements, error: error instanceof Error ? error.message : String(error) }));
}
await closeFleet().catch(() => {});
await closeControl().catch(() => {});
process.exit(0);

/** Works on the queue until the job is over. What was given back is due at once, and a server that recovers is asked again. */
async function finish(job: string): Promise<void> {
  const working = work(restoreJobs, { log: pino({ level: "silent" }), pollMs: 50, concurrency: 1 });
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await pause(50)) {
    const states = await controlPool()
      .query(
        `WITH due AS (UPDATE jobs SET lease_until = now()
                       WHERE id = $1 AND state = 'running' AND lease_owner IS NULL AND lease_until > now())
         SELECT state FROM jobs WHERE id = $1`,
        [job],
      )
      .catch(() => null);
    if (states && isOver(states.rows[0]?.state)) break;
  }
  await working.stop();
}
