import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { controlPool } from "#db/control.ts";
import { isOver } from "#db/jobs/contract.ts";
import type { JobKind } from "#db/jobs/kind.ts";
import { work } from "#db/jobs/work.ts";

/** Works on the queue until the job is over. What was given back is due at once, and a server that recovers is asked again. */
export async function finishJob(kinds: readonly JobKind[], job: string, withinMs: number): Promise<void> {
  const working = work(kinds, { log: pino({ level: "silent" }), pollMs: 50, concurrency: 1 });
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await pause(50)) {
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
