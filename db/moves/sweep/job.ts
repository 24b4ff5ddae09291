import pg from "pg";
import { z } from "zod";
import { authorise } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { failureOf, isInterruption } from "../../jobs/finish.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { LeaseLost } from "../../jobs/lease.ts";
import type { Leftover, LeftoverKind } from "./contract.ts";
import type { SweepResult, Swept } from "./inputs.ts";
import { takeAway } from "./take-away.ts";

// As `removeLeftovers` wrote it.
const input = z.object({ leftovers: z.array(z.custom<Leftover>()), reason: z.string() });

/** Schemas first: what hangs on their tables goes with them. */
const order: LeftoverKind[] = ["schema", "fences", "capture", "database", "record", "rows"];

/** Removes what was agreed to, one after the other. What is not as it was shown, or in use, stays and says why; the others go. */
export const sweepMoves: JobKind = {
  kind: "moves.sweep",
  async run(job) {
    authorise(job.actor, "tenants.move");
    const { leftovers, reason } = input.parse(job.input);
    const swept: Swept[] = [];
    let done = 0;
    const total = leftovers.reduce((sum, { statements }) => sum + statements.length, 0);
    const sorted = leftovers.toSorted((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
    for (const leftover of sorted) {
      await job.progress({ done, total, unit: "statements", line: `Removing ${leftover.name}` });
      swept.push(await job.step(`remove ${leftover.id}`, () => sweep(job, leftover, reason)));
      done += leftover.statements.length;
    }
    const removed = swept.filter((one) => one.removed).length;
    return { removed, kept: swept.length - removed, swept } satisfies SweepResult;
  },
};

async function sweep(job: RunningJob, leftover: Leftover, reason: string): Promise<Swept> {
  const { id, name } = leftover;
  try {
    const line = await takeAway(job.actor, leftover, reason, job.signal);
    return { id, name, removed: true, line };
  } catch (error) {
    if (job.signal.aborted || error instanceof LeaseLost || isInterruption(error)) throw error;
    // Whoever owns it is not the console's role, or something came to need it: the transaction took everything back.
    if (error instanceof pg.DatabaseError)
      return { id, name, removed: false, line: `PostgreSQL refused: ${error.message}.` };
    if (error instanceof Refusal) return { id, name, removed: false, line: failureOf(error).message };
    throw error;
  }
}
