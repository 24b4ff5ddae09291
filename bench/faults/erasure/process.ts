import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import pino from "pino";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { isOver } from "#db/jobs/contract.ts";
import { work } from "#db/jobs/work.ts";
import { erasureJobs } from "#db/records/erasure/jobs.ts";

// node process.ts JOB AT HOW: works on an erasure's job and strikes at its AT-th statement: "process" kills this process, "backend"
// cuts the connection that the statement runs on. Without a strike it says how many statements there were.

const [job = "", at = "0", how = "process"] = process.argv.slice(2);
const strike = Number(at);

let statements = 0;
const query = pg.Client.prototype.query;
Reflect.set(pg.Client.prototype, "query", function (this: pg.Client, ...given: unknown[]): unknown {
  statements += 1;
  if (statements === strike) {
    if (how === "process") process.kill(process.pid, "SIGKILL");
    if (how === "backend")
      (Reflect.get(Reflect.get(this, "connection") as object, "stream") as { destroy(): void }).destroy();
  }
  return Reflect.apply(query, this, given);
});

const working = work(erasureJobs, { log: pino({ level: "silent" }), pollMs: 100, concurrency: 1 });
for (const deadline = performance.now() + 240_000; performance.now() < deadline; await pause(100)) {
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
console.log(JSON.stringify({ statements }));
await closeFleet().catch(() => {});
await closeControl().catch(() => {});
process.exit(0);
