import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { isOver, type JobState } from "./contract.ts";
import { jobsChannel } from "./enqueue.ts";

/** Cancels a job that waits, and asks the worker of a running one to stop. Asking twice is asking once. */
export async function requestCancel(actor: Actor, id: string): Promise<void> {
  authorise(actor, "jobs.cancel");
  await inControl(actor, async (_tx, client) => {
    const { rows } = await client.query<{ state: JobState }>("SELECT state FROM jobs WHERE id = $1 FOR UPDATE", [id]);
    const [job] = rows;
    if (!job) throw new Refusal("not_found", "There is no such job.", { fix: "Look for it in the list of jobs." });
    if (isOver(job.state)) {
      throw new Refusal("conflict", "This job is already over.", { fix: "There is nothing left to cancel." });
    }
    await client.query(
      `UPDATE jobs
          SET cancel_requested_at = coalesce(cancel_requested_at, now()), revision = revision + 1,
              state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
              finished_at = CASE state WHEN 'queued' THEN now() END
        WHERE id = $1`,
      [id],
    );
    await client.query("SELECT pg_notify($1, $2)", [jobsChannel, id]);
  });
}
