import { z } from "zod";
import { authorise } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import type { JobKind } from "../../jobs/kind.ts";
import type { Schedule } from "../../jobs/schedule.ts";
import type { Order } from "./at-once.ts";
import { databasesToForgetIn, forgetPlans, forgetValues } from "./forget.ts";
import { writeChunk } from "./job/chunk.ts";
import { enterPlan } from "./job/enter.ts";
import { placeOfPlan } from "./place.ts";
import { asRefusal } from "./refusals.ts";
import { danglingRestores, settleRestore } from "./settle-restore.ts";
import { storedPlan } from "./stored.ts";

const orderSchema = z.object({
  restore: z.uuid(),
  plan: z.string(),
  reason: z.string().nullable(),
  rowsInChunk: z.number().int().positive(),
});

/** Restores more rows than one transaction should write, chunk by chunk. A chunk's receipts commit with its rows. */
const restoreRows: JobKind = {
  kind: "records.restore",
  async run(job) {
    authorise(job.actor, "records.restore");
    const input = orderSchema.parse(job.input);
    const order: Order = { ...input, stored: await storedPlan(input.plan) };
    try {
      const place = await placeOfPlan(order.stored);
      const { chunks, rows } = await job.step("plan", () => enterPlan(job.actor, place, order));
      let done = 0;
      for (let chunk = 1; chunk <= chunks; chunk++) {
        done += (await job.step(`chunk ${chunk} of ${chunks}`, () => writeChunk(job.actor, place, order, chunk))).rows;
        await job.progress({ done, total: rows, unit: "rows", line: `Chunk ${chunk} of ${chunks} is back` });
      }
    } catch (error) {
      const refusal = asRefusal(error);
      if (isFinal(refusal)) await settleRestore(job.actor, order.restore, refusal.message);
      throw refusal;
    }
    await settleRestore(job.actor, order.restore);
    return { restoreId: order.restore };
  },
};

/** Whether trying again would come to the same. */
function isFinal(error: unknown): error is Refusal {
  return error instanceof Refusal && !["unknown_outcome", "unreachable"].includes(error.code);
}

/** Ends the records of restores that were cut off, and forgets plans that nobody ran. */
const settleRestores: JobKind = {
  kind: "records.settle",
  async run(job) {
    const dangling = await danglingRestores();
    for (const restore of dangling) await settleRestore(job.actor, restore);
    return { settled: dangling.length, forgotten: await forgetPlans() };
  },
};

/** Clears the values that only an undo needs, once there can be none. */
const forgetRestored: JobKind = {
  kind: "records.forget",
  async run(job) {
    const { databaseId } = job.input;
    return typeof databaseId === "string" ? { cleared: await forgetValues(job.actor, databaseId) } : { cleared: 0 };
  },
};

export const restoreJobs: JobKind[] = [restoreRows];

export const restoreSchedules: Schedule[] = [
  { name: "records.settle", cron: "* * * * *", run: settleRestores },
  { name: "records.forget", cron: "23 4 * * *", run: forgetRestored, inputs: databasesToForgetIn },
];
