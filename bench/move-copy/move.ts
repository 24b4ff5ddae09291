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
  memory_growth_mb: number;
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
      memory_growth_mb: watched.growthMb(reached.get("copying") ?? 0, reached.get("indexing") ?? 0),
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
    /** From a tenth of the time to the highest later on: before, the process is still warming up. */
    growthMb(from: number, to: number): number {
      const tenth = from + (to - from) / 10;
      const during = samples.filter(({ at }) => at >= tenth && at <= to).map(({ rss }) => rss);
      return Math.round((Math.max(...during) - (during[0] ?? Number.NaN)) / 1_048_576);
    },
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
