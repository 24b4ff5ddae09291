import pino from "pino";
import type { Actor } from "../../../actor.ts";
import { isOver } from "../../../jobs/contract.ts";
import { enqueue } from "../../../jobs/enqueue.ts";
import type { JobKind } from "../../../jobs/kind.ts";
import { readJob } from "../../../jobs/read.ts";
import { work } from "../../../jobs/work.ts";
import { retentionJobs } from "../../retention/jobs.ts";

/** Runs one job that moves a month, by a worker of this process, and waits for its end. */
export async function moveMonth(
  actor: Actor,
  kind: string,
  databaseId: string,
  month: string,
  kinds: JobKind[] = retentionJobs,
) {
  const working = work(kinds, { log: pino({ level: "silent" }), pollMs: 50 });
  try {
    const id = await enqueue(actor, { kind, title: `${kind} ${month}`, input: { databaseId, month } });
    for (;;) {
      const job = await readJob(actor, id);
      if (isOver(job.state)) return job;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await working.stop();
  }
}
