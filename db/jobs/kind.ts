import type pg from "pg";
import type { Actor } from "../actor.ts";
import type { Control } from "../control.ts";
import type { JobProgress } from "../schema/jobs.ts";

export type { JobProgress } from "../schema/jobs.ts";

export type Receipt = Record<string, unknown>;

/** A sort of long work. An area exports its kinds from `db/<area>/jobs.ts`; `bin/worker.ts` gathers them. */
export interface JobKind {
  /** "<area>.<verb>", such as "backups.run". */
  kind: string;
  /** Its return value becomes the job's result. Throw a Refusal for a failure that a person can understand. */
  run(job: RunningJob): Promise<Record<string, unknown>>;
}

/** Thrown by a job that cannot begin yet: its worker takes others, and it is tried again after a while, as often as it takes. */
export class NotYet extends Error {
  readonly afterS: number;
  constructor(why: string, afterS: number) {
    super(why);
    this.name = "NotYet";
    this.afterS = afterS;
  }
}

/**
 * A job in the hands of one worker. Whatever a job does may be cut off at any instant and begun again elsewhere:
 * put each effect into a step, and make what a step does outside the control database repeatable.
 */
export interface RunningJob {
  readonly id: string;
  readonly input: Record<string, unknown>;
  readonly planHash: string | null;
  /** Whoever enqueued the job, with the role held now and never more than they held then. */
  readonly actor: Actor;
  /** Aborted when the job is cancelled, when its lease is lost and when the worker must leave. */
  readonly signal: AbortSignal;
  /** Does the work once: after a crash the stored receipt is returned instead. The receipt must be plain JSON. */
  step<T extends Receipt>(name: string, work: () => Promise<T>): Promise<T>;
  /** As `step`, for work in the control database: effect and receipt commit in one transaction. */
  stepInControl<T extends Receipt>(name: string, work: (tx: Control, client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Shown live; written at most twice a second. */
  progress(progress: JobProgress): Promise<void>;
  /** The last line shows beside the progress; every line goes to the worker's log. */
  log(line: string): void;
}
