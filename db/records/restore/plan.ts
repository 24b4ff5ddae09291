import { type Actor, authorise } from "../../actor.ts";
import { auditedDatabase } from "../../audit/scope.ts";
import { withScratch } from "../../fleet.ts";
import { managedTablesOf } from "../managed.ts";
import { approvalReason } from "./approval.ts";
import { describeChanges } from "./changes.ts";
import { chunksOf } from "./chunks.ts";
import type { ChooseRestore, PlanLook, PlanRestore, RestorePlan } from "./contract.ts";
import { makePlan, readPlan } from "./make-plan.ts";
import { openScratch, speakPlainly } from "./scratch.ts";
import { type StoredPlan, storedPlan, storeInput, storePlan } from "./stored.ts";
import { type Place, startWork } from "./work.ts";

const planLimits = { statement: 120_000, lock: 2_000, idle: 60_000 };

/** What a restore would do, and what stands in its way. Changes nothing, but keeps the plan as it was shown. */
export function planRestore(actor: Actor, input: PlanRestore, look: PlanLook = {}): Promise<RestorePlan> {
  authorise(actor, "records.read");
  return plan(actor, input, look, null);
}

/** The plan that was shown under this hash, as it is now; `changed` says in which ways it is another one. */
export async function planAgain(actor: Actor, hash: string, look: PlanLook = {}): Promise<RestorePlan> {
  authorise(actor, "records.read");
  const stored = await storedPlan(hash);
  return plan(actor, stored.input, look, stored);
}

/** Keeps other choices for a plan. Answers the hash under which it is planned anew. */
export async function chooseRestore(actor: Actor, { plan: hash, ...chosen }: ChooseRestore): Promise<{ plan: string }> {
  authorise(actor, "records.read");
  const { input, subject } = await storedPlan(hash);
  const { choices = input.choices, children = input.children, links = input.links, leave = input.leave } = chosen;
  return { plan: await storeInput({ ...input, choices, children, links, leave }, subject) };
}

async function plan(actor: Actor, input: PlanRestore, look: PlanLook, before: StoredPlan | null): Promise<RestorePlan> {
  const place = await placeOf(input.database);
  const { shown, parts } = await withScratch(
    place.id,
    openScratch,
    async (client) => {
      await speakPlainly(client);
      const work = startWork(client, place, {
        choices: input.choices,
        lock: false,
        undoing: input.undo !== undefined,
        restore: null,
      });
      const made = await makePlan(work, input);
      return { shown: await readPlan(work, input, made, look), parts: made.parts };
    },
    { limits: planLimits },
  );
  await storePlan(input, shown, parts);
  const changed = before?.parts ? describeChanges(before.parts, parts, shown.problems) : [];
  return { ...shown, changed, chunks: chunksOf(shown.writes), approval: approvalReason(actor, input, parts) };
}

export async function placeOf(databaseId: string): Promise<Place> {
  const { id, name } = await auditedDatabase(databaseId);
  return { id, name, managed: await managedTablesOf(id) };
}
