import type { Actor } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { enqueue } from "../../jobs/enqueue.ts";
import type { JobKind, Receipt, RunningJob } from "../../jobs/kind.ts";

export class Killed extends Error {}

/**
 * Runs a job as a worker does that is killed whenever `dies` says so: before a step, or after its effect and before its receipt.
 * The receipts are kept for the next attempt.
 */
export async function attempt(
  kind: JobKind,
  job: { id: string; actor: Actor; input: Record<string, unknown>; planHash?: string | null },
  receipts: Map<string, Receipt>,
  dies: (step: string, when: "before" | "after") => boolean = () => false,
): Promise<Record<string, unknown>> {
  const step = async (name: string, work: () => Promise<Receipt>): Promise<Receipt> => {
    const known = receipts.get(name);
    if (known) return known;
    if (dies(name, "before")) throw new Killed(name);
    const receipt = JSON.parse(JSON.stringify(await work()));
    if (dies(name, "after")) throw new Killed(name);
    receipts.set(name, receipt);
    return receipt;
  };
  const running: RunningJob = {
    id: job.id,
    input: job.input,
    planHash: job.planHash ?? null,
    actor: job.actor,
    signal: new AbortController().signal,
    step: (name, work) => step(name, work) as ReturnType<typeof work>,
    // Effect and receipt are one transaction there, so that it never dies between them.
    stepInControl: async (name, work) => {
      const known = receipts.get(name);
      if (known) return known as Awaited<ReturnType<typeof work>>;
      if (dies(name, "before")) throw new Killed(name);
      const receipt = await inControl(job.actor, work);
      receipts.set(name, receipt);
      return receipt;
    },
    progress: async () => {},
    log: () => {},
  };
  return await kind.run(running);
}

/** A job's row without a worker, for what looks it up. */
export function queued(actor: Actor, kind: string, input: Record<string, unknown>, id: string): Promise<string> {
  return enqueue(actor, { id, kind, title: "A test", input });
}
