import type pino from "pino";
import type { Actor } from "../actor.ts";
import { type Ending, failureOf, finish, isTransient } from "./finish.ts";
import { type JobKind, NotYet } from "./kind.ts";
import { attemptsMax, type Leased, LeaseLost, leaseSeconds, release, renew } from "./lease.ts";
import { actorOf } from "./person.ts";
import { runningJob } from "./running.ts";

const renewEveryMs = 3_000;

/** The reasons for which a running job's signal is aborted, besides a lost lease. */
class CancelRequested extends Error {}
class WorkerLeaves extends Error {}

export interface Held {
  readonly job: Leased;
  /** Settles when the job is over or given back; never rejects. */
  readonly settled: Promise<void>;
  /** Asks the job to stop at once, to be continued by another worker. */
  leave(): void;
  /** Looks for a cancel request now rather than at the next renewal. */
  look(): void;
}

/** Runs a job that was just claimed, keeps its lease and writes how it ended. */
export function hold(kind: JobKind, job: Leased, worker: Actor, log: pino.Logger): Held {
  const abort = new AbortController();
  let renewedAt = performance.now();
  const keep = async () => {
    try {
      const { cancelRequested } = await renew(job);
      renewedAt = performance.now();
      if (cancelRequested) abort.abort(new CancelRequested());
    } catch (error) {
      // The control database may be restarting. Only when the lease has run out must this worker stop.
      if (error instanceof LeaseLost || performance.now() - renewedAt > leaseSeconds * 1_000) {
        abort.abort(new LeaseLost(job.id));
      } else log.warn({ job: job.id, err: error }, "the lease could not be renewed yet");
    }
  };
  const timer = setInterval(keep, renewEveryMs);
  const settled = perform(kind, job, worker, abort.signal, log)
    .catch((error: unknown) => log.error({ job: job.id, err: error }, "the job's ending could not be written"))
    .finally(() => clearInterval(timer));
  return { job, settled, leave: () => abort.abort(new WorkerLeaves()), look: keep };
}

async function perform(
  kind: JobKind,
  job: Leased,
  worker: Actor,
  signal: AbortSignal,
  log: pino.Logger,
): Promise<void> {
  if (job.attempts > attemptsMax) {
    const error = `It was begun ${attemptsMax} times and interrupted each time.`;
    return end(
      worker,
      job,
      { state: "failed", error: job.error ? `${error} The last time: ${job.error}` : error },
      log,
    );
  }
  let result: Record<string, unknown>;
  try {
    const actor = await actorOf(job);
    if ((await renew(job)).cancelRequested) throw new CancelRequested();
    result = await kind.run(runningJob(job, actor, signal, log));
  } catch (error) {
    return settle(worker, job, signal, error, log);
  }
  await end(worker, job, { state: "done", result }, log);
}

async function settle(
  worker: Actor,
  job: Leased,
  signal: AbortSignal,
  error: unknown,
  log: pino.Logger,
): Promise<void> {
  const why = signal.aborted ? signal.reason : error;
  if (why instanceof LeaseLost || error instanceof LeaseLost) {
    log.warn({ job: job.id }, "the lease was lost; another worker continues");
  } else if (why instanceof WorkerLeaves) {
    await patiently(() => release(worker, job, 0, true));
  } else if (why instanceof CancelRequested) {
    await end(worker, job, { state: "cancelled", error: null }, log);
  } else if (error instanceof NotYet) {
    log.info({ job: job.id, why: error.message }, "the job waits");
    await patiently(() => release(worker, job, error.afterS, true));
  } else if (isTransient(error)) {
    const { message, reference } = failureOf(error);
    log.warn({ job: job.id, reference, err: error }, "a database was away or a lock not had; the job is tried again");
    await patiently(() => release(worker, job, job.attempts, false, message));
  } else {
    const failure = failureOf(error);
    log.error({ job: job.id, kind: job.kind, reference: failure.reference, err: error }, "the job failed");
    await end(worker, job, { state: "failed", error: failure.message }, log);
  }
}

async function end(worker: Actor, job: Leased, ending: Ending, log: pino.Logger): Promise<void> {
  try {
    await patiently(() => finish(worker, job, ending));
    log.info({ job: job.id, kind: job.kind, state: ending.state }, "job over");
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    log.warn({ job: job.id }, "the lease was lost; another worker continues");
  }
}

/** Repeats a fenced write of the job's row while the control database is away or somebody holds that row, for a minute at most. */
async function patiently(write: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isTransient(error) || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
