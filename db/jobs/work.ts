import { hostname } from "node:os";
import type pino from "pino";
import { systemActor } from "../mint.ts";
import type { JobKind } from "./kind.ts";
import { claim, release } from "./lease.ts";
import { type Held, hold } from "./run.ts";

/** How long a worker's jobs may go on after it was told to leave, unless it is said: short, since Docker ends all after ten seconds. */
export const drainMsMost = 5_000;

export interface WorkOptions {
  log: pino.Logger;
  /** Jobs at the same time in this process. */
  concurrency?: number;
  /** A lost wake-up costs at most this much. */
  pollMs?: number;
  /** How long running jobs may go on after `stop` before they are handed to another worker. */
  drainMs?: number;
}

export interface Working {
  /** Looks for jobs now. The payload is "queued", or the id of a job that somebody wants cancelled. */
  wake(payload: string): void;
  /** Takes no more jobs, waits for the running ones, hands over those that take too long. */
  stop(): Promise<void>;
}

/** Claims and runs jobs of these kinds until stopped. The rows hold the truth: any number of workers may do this. */
export function work(kinds: readonly JobKind[], options: WorkOptions): Working {
  const { log, concurrency = 4, pollMs = 2_000, drainMs = drainMsMost } = options;
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  const worker = systemActor("worker");
  const owner = `${hostname()}:${process.pid}`;
  const held = new Set<Held>();
  let stopping = false;
  let filling: Promise<void> | null = null;

  async function fill(): Promise<void> {
    while (!stopping && held.size < concurrency) {
      const job = await claim(worker, [...byName.keys()], owner);
      const kind = job && byName.get(job.kind);
      if (!job || !kind) return;
      const holding = hold(kind, job, worker, log);
      held.add(holding);
      void holding.settled.then(() => {
        held.delete(holding);
        look();
      });
    }
  }

  function look(): void {
    if (stopping || filling) return;
    filling = fill()
      .catch((error: unknown) => log.warn({ err: error }, "the queue could not be read yet"))
      .finally(() => {
        filling = null;
      });
  }

  const timer = setInterval(look, pollMs);
  look();
  return {
    wake(payload) {
      for (const one of held) if (one.job.id === payload) one.look();
      look();
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await filling;
      const drained = Promise.all([...held].map((one) => one.settled));
      await Promise.race([drained, pause(drainMs)]);
      for (const one of held) one.leave();
      await Promise.race([drained, pause(1_000)]);
      // Whatever does not listen is fenced off: its next write finds another epoch, or this process is gone.
      await Promise.all([...held].map((one) => release(worker, one.job, 0, true)));
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
