import type pg from "pg";
import type { Actor } from "../actor.ts";
import { type Control, controlPool, inControl } from "../control.ts";
import type { Receipt } from "./kind.ts";
import { fence, type Leased, LeaseLost } from "./lease.ts";

/** The receipt of a step that finished in an earlier attempt. */
export async function readReceipt(job: Leased, step: string): Promise<Receipt | null> {
  const { rows } = await controlPool().query<{ receipt: Receipt }>(
    "SELECT receipt FROM job_receipts WHERE job_id = $1 AND step = $2",
    [job.id, step],
  );
  return rows[0]?.receipt ?? null;
}

/** Says which step runs now. A worker that lost its lease learns it here, before it does anything. */
export async function beginStep(job: Leased, step: string): Promise<void> {
  const { rowCount } = await controlPool().query(
    `UPDATE jobs SET step = $3, revision = revision + 1
      WHERE id = $1 AND lease_epoch = $2 AND state = 'running'`,
    [job.id, job.epoch, step],
  );
  if (rowCount === 0) throw new LeaseLost(job.id);
}

/** Runs `work` and stores its receipt in the same transaction, fenced by the lease's epoch. */
export function commitStep<T extends Receipt>(
  job: Leased,
  actor: Actor,
  step: string,
  work: (tx: Control, client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return inControl(actor, async (tx, client) => {
    await fence(client, job);
    const receipt = await work(tx, client);
    await client.query("INSERT INTO job_receipts (job_id, step, lease_epoch, receipt) VALUES ($1, $2, $3, $4)", [
      job.id,
      step,
      job.epoch,
      JSON.stringify(receipt),
    ]);
    return receipt;
  });
}
