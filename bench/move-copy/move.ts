import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import type { Actor } from "#db/actor.ts";
import { controlPool } from "#db/control.ts";
import { work } from "#db/jobs/work.ts";
import type { PlanMove } from "#db/moves/contract.ts";
import { moveJobs } from "#db/moves/jobs.ts";
import type { Move } from "#db/moves/move.ts";
import { planMove } from "#db/moves/plan/plan.ts";
import { untilState } from "#db/moves/testing/until.ts";
import { startMove } from "#db/moves/verbs/start.ts";

const patienceMs = 1_800_000;
/** Seldom enough to take nothing away from the move. */
const askEveryMs = 500;

export interface Moved {
  move: Move;
  /** Until everything is there, indexed and with its foreign keys; by step, of which "copying" is the rows. */
  seconds: { preparing: number; copying: number; indexing: number };
  memory: { memory_growth_mb: number; memory_swing_mb: number };
}

/** Moves a tenant to a database of its own until it could cut over, in this process, whose resident memory is watched. */
export async function timeMove(actor: Actor, tenantId: string): Promise<Moved> {
  const input: PlanMove = { tenantId, tier: "database" };
  const { hash } = await planMove(actor, input);
  const working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 20 });
  const watched = watchMemory();
  try {
    const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0 });
    const move = await untilState(moveId, "ready", patienceMs, askEveryMs);
    const reached = await times(moveId);
    const since = (from: string, to: string) => ((reached.get(to) ?? 0) - (reached.get(from) ?? 0)) / 1_000;
    return {
      move,
      seconds: {
        preparing: since("preparing", "copying"),
        copying: since("copying", "indexing"),
        indexing: since("indexing", "catching_up"),
      },
      memory: watched.during(reached.get("copying") ?? 0, reached.get("indexing") ?? 0),
    };
  } finally {
    await watched.stop();
    await working.stop();
  }
}

/** When the move reached its states, by this machine's clock. */
async function times(moveId: string): Promise<Map<string, number>> {
  const { rows } = await controlPool().query<{ kind: string; at: number }>(
    "SELECT kind, extract(epoch FROM at)::float8 * 1000 AS at FROM move_events WHERE move_id = $1",
    [moveId],
  );
  return new Map(rows.map(({ kind, at }) => [kind, at]));
}

function watchMemory() {
  const samples: { at: number; rss: number }[] = [];
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      samples.push({ at: Date.now(), rss: process.memoryUsage.rss() });
      await pause(20);
    }
  })();
  return {
    /** Growth from the second tenth of the time to the last, by their medians, and the swing to the highest: the first warms up. */
    during(from: number, to: number) {
      const part = (begin: number, end: number) =>
        samples
          .filter(({ at }) => at >= from + (to - from) * begin && at <= from + (to - from) * end)
          .map(({ rss }) => rss / 1_048_576)
          .toSorted((a, b) => a - b);
      const median = (values: number[]) => values[Math.floor(values.length / 2)] ?? Number.NaN;
      const settled = median(part(0.1, 0.2));
      return {
        memory_growth_mb: Math.round(median(part(0.9, 1)) - settled),
        memory_swing_mb: Math.round((part(0.1, 1).at(-1) ?? Number.NaN) - settled),
      };
    },
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
