import pino from "pino";
import type { Actor } from "../../../actor.ts";
import { isOver, type JobView } from "../../../jobs/contract.ts";
import { enqueue } from "../../../jobs/enqueue.ts";
import { readJob } from "../../../jobs/read.ts";
import { work } from "../../../jobs/work.ts";
import { retentionJobs } from "../../retention/jobs.ts";

/** Runs one job that moves a month, by a worker of this process, and waits for its end. */
export async function moveMonth(actor: Actor, kind: string, databaseId: string, month: string): Promise<JobView> {
  return finishJob(actor, await enqueue(actor, { kind, title: `${kind} ${month}`, input: { databaseId, month } }));
}

/** Runs what is in the queue until this job is over. */
export async function finishJob(actor: Actor, id: string, kinds = retentionJobs): Promise<JobView> {
  const working = work(kinds, { log: pino({ level: "silent" }), pollMs: 50 });
  try {
    for (;;) {
      const job = await readJob(actor, id);
      if (isOver(job.state)) return job;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await working.stop();
  }
}
