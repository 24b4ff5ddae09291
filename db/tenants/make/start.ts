import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import type { StartTenant } from "../contract.ts";
import { planTenant } from "./plan.ts";

/**
 * Asks a worker to make the tenant of a plan that was shown. Answers the job's id.
 *
 * @throws Refusal `stale_plan` when it would not be that plan any more, `unsupported` when something blocks it.
 */
export async function startTenant(actor: Actor, input: StartTenant): Promise<{ jobId: string }> {
  authorise(actor, "tenants.write");
  const plan = await checkedPlan(actor, input);
  return await inControl(
    actor,
    async (_tx, client) => ({
      jobId: await enqueueWith(client, actor, {
        id: input.tenantId,
        kind: "tenants.create",
        title: `New tenant ${input.name} in ${plan.tier === "schema" ? "its own schema" : "its own database"}`,
        input,
        planHash: input.planHash,
      }),
    }),
    { reason: input.reason ?? null },
  );
}

export async function checkedPlan(actor: Actor, input: StartTenant) {
  const plan = await planTenant(actor, input, input.tenantId);
  const blocking = plan.problems.find((problem) => problem.severity === "blocking");
  if (blocking) throw new Refusal("unsupported", `${blocking.subject}: ${blocking.message}`, { fix: blocking.fix });
  if (plan.hash === input.planHash) return plan;
  throw stalePlan();
}

export function stalePlan(): Refusal {
  return new Refusal("stale_plan", "The tables have changed since the plan was shown.", {
    fix: "Look at the new plan, and create the tenant by that one.",
  });
}
