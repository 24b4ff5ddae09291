import { Refusal } from "../../../errors.ts";
import { speakAs, speakPlainly } from "../scratch.ts";
import { named, type Work } from "../work.ts";
import { prove } from "./proof.ts";
import { batchSql, tableOfStep } from "./statements.ts";
import type { Batch, Step } from "./steps.ts";

/**
 * Writes the rows of the batches and proves each. The application's own triggers fire, under the settings that they are used to;
 * a row that they or row security keep out makes the whole of it fail: rows that come back only in part would be worse.
 */
export async function writeBatches(
  work: Work,
  batches: readonly Batch[],
  restore: string,
  spoken: Record<string, string>,
): Promise<void> {
  await speakAs(work.client, spoken);
  for (const batch of batches) {
    const { rows } = await work.client.query<{ step: number; rows: number }>(batchSql(work, batch));
    for (const step of batch) {
      requireAll(work, step, rows.find((one) => one.step === step.step)?.rows ?? 0);
    }
  }
  // A deferred constraint speaks now, while there is still a row to name.
  await work.client.query("SET CONSTRAINTS ALL IMMEDIATE");
  await speakPlainly(work.client);
  for (const step of batches.flat()) requireAll(work, step, await prove(work, step, restore));
}

function requireAll(work: Work, step: Step, rows: number): void {
  if (rows === step.rows) return;
  throw new Refusal(
    "conflict",
    `Of ${step.rows} rows of ${named(tableOfStep(work, step))} the database took ${rows}, so nothing was restored.`,
    {
      fix: "Row security or a trigger of the table keeps rows out; an administrator of the database can say which.",
    },
  );
}
