import type { Actor } from "../../../actor.ts";
import { isOver } from "../../../jobs/contract.ts";
import { readJob } from "../../../jobs/read.ts";

/** Waits until a job is over, however it ends. */
export async function over(actor: Actor, id: string): Promise<Awaited<ReturnType<typeof readJob>>> {
  for (;;) {
    const job = await readJob(actor, id);
    if (isOver(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
