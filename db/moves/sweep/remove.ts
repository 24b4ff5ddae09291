import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import type { JobView } from "../../jobs/contract.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { readJob } from "../../jobs/read.ts";
import { holdsRows, type Leftover, sweepSubject } from "./contract.ts";
import { findLeftovers } from "./find.ts";
import type { RemoveLeftovers } from "./inputs.ts";
import { hashOfAll } from "./leftover.ts";

/**
 * Has a worker remove what was shown. Whatever holds rows needs a second person too.
 *
 * @throws Refusal `conflict` when something may not be removed, or is gone; `stale_plan` when it is not as it was shown.
 */
export async function removeLeftovers(
  actor: Actor,
  { ids, ...consent }: RemoveLeftovers,
): Promise<{ jobId: string; leftovers: number }> {
  authorise(actor, "tenants.move");
  const { certain } = await findLeftovers(actor);
  const chosen = ids ? certain.filter(({ id }) => ids.includes(id)) : certain;
  refuseMissing(ids ?? [], chosen);
  const planHash = hashOfAll(chosen);
  const subject = sweepSubject(chosen);
  const rows = holdsRows(chosen);
  return await inControl(
    actor,
    async (tx, client) => {
      const tier = rows ? ("irreversible" as const) : ("costly" as const);
      await requireConsent(tx, actor, { verb: "moves.sweep", tier, subject, planHash, secondPerson: rows }, consent);
      const jobId = await enqueueWith(client, actor, {
        kind: "moves.sweep",
        title: `Removal of ${subject}`,
        input: { leftovers: chosen, reason: consent.reason ?? "" },
        planHash,
      });
      return { jobId, leftovers: chosen.length };
    },
    { reason: consent.reason || null },
  );
}

function refuseMissing(ids: readonly string[], chosen: readonly Leftover[]): void {
  const missing = ids.filter((id) => !chosen.some((one) => one.id === id));
  if (missing.length === 0 && chosen.length > 0) return;
  throw new Refusal(
    "conflict",
    missing.length > 0 ? `${missing.join(", ")} is not among what may be removed.` : "Nothing is left to remove.",
    { fix: "Look at the leftovers as they are now." },
  );
}

/** The job that removes leftovers now, or did within the last ten minutes; null where there is none. */
export async function newestSweep(actor: Actor): Promise<JobView | null> {
  const { rows } = await controlPool().query<{ id: string }>(
    `SELECT id FROM jobs
      WHERE kind = 'moves.sweep' AND (finished_at IS NULL OR finished_at > now() - interval '10 minutes')
      ORDER BY created_at DESC LIMIT 1`,
  );
  return rows[0] ? await readJob(actor, rows[0].id) : null;
}
