import { createHash } from "node:crypto";
import { PgBoss } from "pg-boss";
import type pino from "pino";
import { systemActor } from "../mint.ts";
import { enqueue, jobsChannel, type NewJob } from "./enqueue.ts";
import type { JobKind, RunningJob } from "./kind.ts";
import { Lanes } from "./lanes.ts";
import { passing } from "./passing.ts";

/** What is due at times given by five cron fields, in UTC. Its name is the schedule's identity. */
export type Schedule = { name: string; cron: string } & (
  | {
      /** A repeatable trifle, such as a sample, that leaves no job row. */
      run: JobKind;
      /** Run once for each; once without input when there is none to give. */
      inputs?: () => Promise<Record<string, unknown>[]>;
      /** Several at once, at most two of one `serverId`: for inputs that have nothing to do with each other. */
      beside?: true;
    }
  | {
      /** Rows to put in the queue; `say` tells the log what could not be put there. */ enqueue: (
        say: (line: string) => void,
      ) => Promise<NewJob[]>;
    }
);

export interface Schedules {
  stop(): Promise<void>;
}

/**
 * Lets pg-boss do the two things it is used for: say when something is due, once for all workers, and listen for
 * wake-ups. Its own tables live in the schema `pgboss` of the control database; losing them would lose no work.
 */
export async function startSchedules(
  connectionString: string,
  schedules: readonly Schedule[],
  wake: (payload: string) => void,
  log: pino.Logger,
): Promise<Schedules> {
  const boss = new PgBoss({ connectionString, schema: "pgboss", application_name: "caretaker schedule", max: 3 });
  boss.on("error", (error) => log.warn({ err: error }, "the schedule could not reach the control database"));
  await boss.start();
  const leaving = new AbortController();
  for (const schedule of schedules) await begin(boss, schedule, leaving.signal, log);
  await forget(boss, schedules);
  // On a reconnection a wake-up may have been missed.
  const listening = await boss.getDb().listen?.(jobsChannel, wake, () => wake("queued"));
  return {
    async stop() {
      leaving.abort();
      await listening?.close();
      await boss.stop({ graceful: true, timeout: 5_000 });
    },
  };
}

async function begin(boss: PgBoss, schedule: Schedule, signal: AbortSignal, log: pino.Logger): Promise<void> {
  await boss.createQueue(schedule.name, {
    policy: "short",
    retryLimit: 0,
    expireInSeconds: 300,
    retentionSeconds: 600,
    deleteAfterSeconds: 3_600,
  });
  const lanes = new Lanes();
  await boss.work(schedule.name, async ([due]) => {
    if (!due) return;
    const actor = systemActor("schedule");
    if ("run" in schedule) return runAll(schedule, lanes, passing(due.id, actor, signal, log), log);
    const say = (line: string) => log.error({ schedule: schedule.name }, line);
    for (const job of await schedule.enqueue(say)) await enqueue(actor, { ...job, id: idOf(due.id, job) });
  });
  await boss.schedule(schedule.name, schedule.cron);
}

type Runs = Extract<Schedule, { run: JobKind }>;

/** One input that fails does not keep the others from their turn. */
async function runAll(schedule: Runs, lanes: Lanes, job: RunningJob, log: pino.Logger): Promise<void> {
  const inputs = schedule.inputs ? await schedule.inputs() : [{}];
  const run = (input: Record<string, unknown>) => runOne(schedule, input, job, log);
  if (schedule.beside) return lanes.run(inputs, run);
  for (const input of inputs) await run(input);
}

async function runOne(
  schedule: Runs,
  input: Record<string, unknown>,
  job: RunningJob,
  log: pino.Logger,
): Promise<void> {
  if (job.signal.aborted) return;
  try {
    await schedule.run.run({ ...job, input });
  } catch (error) {
    if (!job.signal.aborted) log.error({ schedule: schedule.name, input, err: error }, "a scheduled run failed");
  }
}

/** One due time makes each job once, however often pg-boss delivers it. Format: a UUID of version 8 from a hash. */
function idOf(due: string, job: NewJob): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([due, job.kind, job.input]))
    .digest("hex");
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `a${hash.slice(17, 20)}`];
  return [...parts, hash.slice(20, 32)].join("-");
}

/** Unschedules what this version no longer has. */
async function forget(boss: PgBoss, schedules: readonly Schedule[]): Promise<void> {
  const current = new Set(schedules.map((schedule) => schedule.name));
  for (const { name } of await boss.getSchedules()) if (!current.has(name)) await boss.unschedule(name);
}
