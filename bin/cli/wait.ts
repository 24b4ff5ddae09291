import { setTimeout as sleep } from "node:timers/promises";
import type { Actor } from "#db/actor.ts";
import { isOver, type JobView } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";

/** A job that ended otherwise than done. What went wrong is in its own words. */
export class JobFailure extends Error {}

/** Watches a job until it is over, telling its progress on standard error. Ctrl-C ends the watching, not the job. */
export async function waitForJob(actor: Actor, id: string): Promise<JobView> {
  let told = "";
  const since = Date.now();
  for (;;) {
    const job = await readJob(actor, id);
    if (job.state === "done") return job;
    if (isOver(job.state)) throw new JobFailure(`Job ${id} ${job.state}: ${job.error ?? "it was cancelled"}`);
    const line = lineOf(job, Date.now() - since);
    if (line !== told) process.stderr.write(`${line}\n`);
    told = line;
    await sleep(500);
  }
}

function lineOf({ title, state, progress }: JobView, waitedMs: number): string {
  if (state === "queued") {
    return waitedMs < 15_000 ? `${title}: waiting for a worker` : `${title}: still waiting; is the worker running?`;
  }
  if (!progress) return `${title}: running`;
  const { done, total, unit, line } = progress;
  return `${title}: ${done}${total === null ? "" : ` of ${total}`} ${unit}, ${line}`;
}
