import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { type Control, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { isOver } from "../../jobs/contract.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { approvals } from "../../schema/console.ts";
import { erasures } from "../../schema/erasures.ts";
import { jobs } from "../../schema/jobs.ts";
import { staff } from "../../schema/staff.ts";
import type { RunErasure } from "./contract.ts";
import { requirePlan } from "./plan/read.ts";
import { requireNotRun } from "./start.ts";
import { type ErasureRow, erasureRow, keptOf, sealKept } from "./stored.ts";

/**
 * Runs a plan that was rehearsed and that a second person approved, by a job. Irreversible: needs the subject typed, a reason, the
 * password and an approval that is bound to the plan's hash. Answers the job's id.
 */
export async function runErasure(actor: Actor, { id, ...consent }: RunErasure): Promise<{ job: string }> {
  authorise(actor, "records.erase");
  return inControl(
    actor,
    async (tx, client) => {
      const row = await erasureRow(id, tx, true);
      requireNotRun(row);
      if (row.state !== "found") throw refuse("The search is under way.", "Wait for it, and look at the new plan.");
      const { plan, log } = requirePlan(row);
      if (plan.status === "open")
        throw refuse("Something of the plan is still to be decided.", "Decide each finding first.");
      if (plan.status === "nothing")
        throw refuse("There is nothing to erase.", "What was found is kept with a reason.");
      if (row.rehearsedHash !== plan.hash)
        throw refuse("This plan was not rehearsed.", "Make the dry run of it first; it has to pass without a fault.");
      const need = { verb: "records.erase", tier: "irreversible", subject: row.subject, planHash: plan.hash } as const;
      const approval = await requireConsent(tx, actor, { ...need, secondPerson: true }, consent);
      const job = await enqueueWith(client, actor, jobOf({ ...row, planHash: plan.hash }));
      await tx
        .update(erasures)
        .set({
          state: "running",
          planHash: plan.hash,
          reason: consent.reason ?? null,
          proposedBy: actor.name,
          approvedBy: await approverOf(tx, approval),
          sealed: sealKept(id, { ...keptOf(row), log }),
          runJobId: job,
          startedAt: new Date().toISOString(),
          error: null,
        })
        .where(eq(erasures.id, id));
      return { job };
    },
    { reason: consent.reason ?? null },
  );
}

/** Goes on with an erasure whose job was cancelled or gave up: what two people agreed to is done, and nothing else. */
export async function resumeErasure(actor: Actor, { id }: { id: string }): Promise<{ job: string }> {
  authorise(actor, "records.erase");
  return inControl(actor, async (tx, client) => {
    const row = await erasureRow(id, tx, true);
    const [before] = row.runJobId
      ? await tx.select({ state: jobs.state }).from(jobs).where(eq(jobs.id, row.runJobId))
      : [];
    if (row.state !== "running" || !before || !isOver(before.state))
      throw refuse("This erasure is not one that was cut off.", "Look at how it stands.");
    const job = await enqueueWith(client, actor, jobOf(row));
    await tx.update(erasures).set({ runJobId: job }).where(eq(erasures.id, id));
    return { job };
  });
}

function jobOf({ id, subject, planHash }: ErasureRow) {
  return {
    kind: "records.erase",
    title: `Erasure of ${subject}`,
    input: { erasure: id },
    ...(planHash && { planHash }),
  };
}

/** Who gave the approval that was used up just now. */
async function approverOf(tx: Control, approval: string | null): Promise<string | null> {
  if (approval === null) return null;
  const [row] = await tx
    .select({ name: staff.name })
    .from(approvals)
    .innerJoin(staff, eq(staff.id, approvals.approvedBy))
    .where(eq(approvals.id, approval));
  return row?.name ?? null;
}

function refuse(message: string, fix: string): Refusal {
  return new Refusal("conflict", message, { fix });
}
