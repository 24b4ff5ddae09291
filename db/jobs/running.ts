import type pino from "pino";
import type { Actor } from "../actor.ts";
import { isTransient } from "./finish.ts";
import type { JobProgress, Receipt, RunningJob } from "./kind.ts";
import { forgetInterruption, type Leased, writeProgress } from "./lease.ts";
import { beginStep, commitStep, readReceipt } from "./receipts.ts";

const progressEveryMs = 500;

/** What a job's code is given: steps with receipts, throttled progress, and a signal that says when to stop. */
export function runningJob(job: Leased, actor: Actor, signal: AbortSignal, log: pino.Logger): RunningJob {
  let line = "";
  let wroteAt = Number.NEGATIVE_INFINITY;
  let interrupted = job.error !== null;

  async function replayed<T extends Receipt>(name: string): Promise<T | null> {
    signal.throwIfAborted();
    const receipt = await readReceipt(job, name);
    // The same step of the same kind wrote it: its shape is that step's.
    if (receipt) return receipt as T;
    await beginStep(job, name);
    return null;
  }

  return {
    id: job.id,
    input: job.input,
    planHash: job.planHash,
    actor,
    signal,
    async step(name, work) {
      const receipt = await replayed<Awaited<ReturnType<typeof work>>>(name);
      if (receipt) return receipt;
      const done = await work();
      return commitStep(job, actor, name, async () => done);
    },
    async stepInControl(name, work) {
      const receipt = await replayed<Awaited<ReturnType<typeof work>>>(name);
      return receipt ?? commitStep(job, actor, name, work);
    },
    async progress(progress: JobProgress) {
      signal.throwIfAborted();
      const over = progress.total !== null && progress.done >= progress.total;
      if (!over && performance.now() - wroteAt < progressEveryMs) return;
      wroteAt = performance.now();
      try {
        await writeProgress(job, { ...progress, line: progress.line || line });
        if (interrupted) await forgetInterruption(actor, job);
        interrupted = false;
      } catch (error) {
        if (!isTransient(error)) throw error;
        log.warn({ job: job.id, err: error }, "progress could not be shown");
      }
    },
    log(text) {
      line = text;
      log.info({ job: job.id }, text);
    },
  };
}
