import { PgBoss } from "pg-boss";
import type pino from "pino";
import { systemActor } from "../mint.ts";
import { enqueue, jobsChannel } from "./enqueue.ts";
import type { JobKind } from "./kind.ts";
import { passing } from "./passing.ts";

export interface Schedule {
  kind: JobKind;
  /** Five cron fields, UTC. */
  cron: string;
  /** Null: a repeatable trifle, such as a sample, that leaves no job row. Else the title of the row it makes. */
  title: string | null;
}

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

async function begin(
  boss: PgBoss,
  { kind, cron, title }: Schedule,
  signal: AbortSignal,
  log: pino.Logger,
): Promise<void> {
  await boss.createQueue(kind.kind, {
    policy: "short",
    retryLimit: 0,
    expireInSeconds: 300,
    retentionSeconds: 600,
    deleteAfterSeconds: 3_600,
  });
  await boss.work(kind.kind, async ([due]) => {
    if (!due) return;
    const actor = systemActor("schedule");
    try {
      if (title === null) await kind.run(passing(due.id, actor, signal, log));
      else await enqueue(actor, { id: due.id, kind: kind.kind, title, input: {} });
    } catch (error) {
      log.error({ kind: kind.kind, err: error }, "a scheduled run failed");
      throw error;
    }
  });
  await boss.schedule(kind.kind, cron);
}

/** Unschedules what this version no longer has. */
async function forget(boss: PgBoss, schedules: readonly Schedule[]): Promise<void> {
  const current = new Set(schedules.map((schedule) => schedule.kind.kind));
  for (const { name } of await boss.getSchedules()) if (!current.has(name)) await boss.unschedule(name);
}
