import { eq, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import type { Consent } from "../approvals/contract.ts";
import { watchDeletes } from "../audit/coverage/watch-deletes.ts";
import { inControl } from "../control.ts";
import { requireConsent } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { inDatabase } from "../fleet.ts";
import { enqueueWith } from "../jobs/enqueue.ts";
import { databases } from "../schema/fleet.ts";
import { runUnit } from "./apply/run-unit.ts";
import { lockDatabase } from "./confirm.ts";
import type { PlanProblem } from "./contract.ts";
import { type AdoptionPlan, planAdoption } from "./plan.ts";
import { readDatabaseRow } from "./stored-model.ts";

export interface Applying {
  databaseId: string;
  /** The hash of the plan that was shown. */
  planHash: string;
  /** Set when an earlier run was cut off: the goal it was heading for. What it did stays done. */
  resumedGoal?: string;
}

export interface Progress {
  done: number;
  total: number;
  line: string;
}

/** Asks a worker to apply the plan that was shown. Answers the job's id. */
export async function startAdoption(actor: Actor, databaseId: string, consent: Consent): Promise<string> {
  authorise(actor, "databases.manage");
  const { name } = await readDatabaseRow(databaseId);
  const { hash, goal, problems } = await planAdoption(actor, databaseId);
  refuseBlocked(problems);
  return inControl(
    actor,
    async (tx, client) => {
      await lockDatabase(tx, databaseId);
      await requireConsent(
        tx,
        actor,
        { verb: "databases.adopt", tier: "costly", subject: name, planHash: hash },
        consent,
      );
      return enqueueWith(client, actor, {
        kind: "databases.adopt",
        title: `Adoption of ${name}`,
        input: { databaseId, planHash: hash, goal },
        planHash: hash,
      });
    },
    { reason: consent.reason },
  );
}

/**
 * Applies a plan, unit by unit, each in a transaction of its own with short lock waits. It refuses when the database or
 * the model has changed since the plan was shown; cut off half-way, it goes on with what is left.
 */
export async function applyAdoption(
  actor: Actor,
  input: Applying,
  onProgress: (progress: Progress) => Promise<void> = async () => {},
  signal?: AbortSignal,
): Promise<{ statements: number; tables: number }> {
  authorise(actor, "databases.manage");
  const plan = await planAdoption(actor, input.databaseId);
  if (plan.hash !== input.planHash && plan.goal !== input.resumedGoal) {
    throw new Refusal("stale_plan", "The database or its model has changed since the plan was shown.", {
      fix: "Look at the new plan and apply that.",
    });
  }
  refuseBlocked(plan.problems);
  // What went before the triggers came is in no log; what goes once they stand is.
  await watchDeletes(actor, input.databaseId);
  let done = 0;
  for (const unit of plan.units) {
    await onProgress({ done, total: plan.statements.length, line: unit.name });
    await runUnit(actor, input.databaseId, unit, signal);
    done += unit.statements.length;
  }
  await watchDeletes(actor, input.databaseId);
  await onProgress({ done, total: plan.statements.length, line: "recorded" });
  await record(actor, input, plan);
  return { statements: plan.statements.length, tables: plan.audited };
}

function refuseBlocked(problems: PlanProblem[]): void {
  const blocking = problems.find((problem) => problem.severity === "blocking");
  if (blocking) throw new Refusal("unsupported", blocking.message, { fix: blocking.fix });
}

async function record(actor: Actor, { databaseId, planHash }: Applying, plan: AdoptionPlan): Promise<void> {
  await inDatabase(actor, databaseId, (client) =>
    client.query(
      "UPDATE caretaker.installed SET plan_hash = $1 WHERE version = (SELECT max(version) FROM caretaker.installed)",
      [plan.goal],
    ),
  );
  await inControl(actor, async (tx) => {
    await lockDatabase(tx, databaseId);
    const adoptedAt = sql<string>`coalesce(${databases.adoptedAt}, now())`;
    const adoptedBy = sql<string>`coalesce(${databases.adoptedBy}, ${actor.name})`;
    await tx.update(databases).set({ planHash, adoptedAt, adoptedBy }).where(eq(databases.id, databaseId));
  });
}
