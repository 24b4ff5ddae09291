import { type Actor, authorise } from "../../actor.ts";
import { withScratch } from "../../fleet.ts";
import { approvalReason } from "./approval.ts";
import { describeChanges } from "./changes.ts";
import { chunksOf } from "./chunks.ts";
import type { ChooseRestore, PlanLook, PlanRestore, RestorePlan } from "./contract.ts";
import type { PlanParts } from "./digest.ts";
import { makePlan, readPlan, type ShownPlan } from "./make-plan.ts";
import { placeOfTenant } from "./moved/moved.ts";
import { soleMover } from "./moved/sole.ts";
import { indexLogOf, placeAskedFor, planLimits, withLog } from "./place.ts";
import { openScratch, speakPlainly } from "./scratch.ts";
import { type StoredPlan, storedPlan, storeInput, storePlan } from "./stored.ts";
import { type Place, startWork } from "./work.ts";

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
  const { shown, parts } = await planWhereItLives(actor, input, look);
  await storePlan(input, shown, parts);
  const changed = before?.parts ? describeChanges(before.parts, parts, shown.problems) : [];
  return { ...shown, changed, chunks: chunksOf(shown.writes), approval: approvalReason(actor, input, parts) };
}

interface Planned {
  shown: ShownPlan;
  parts: PlanParts;
}

/** What is all one tenant's that lives elsewhere by now is planned for there. */
async function planWhereItLives(actor: Actor, input: PlanRestore, look: PlanLook): Promise<Planned> {
  const place = await placeAskedFor(input);
  const planned = await planIn(actor, place, input, look);
  if (planned.mover === null) return planned;
  return planIn(actor, await placeOfTenant(input.database, planned.mover), input, look);
}

async function planIn(
  actor: Actor,
  place: Place,
  input: PlanRestore,
  look: PlanLook,
): Promise<Planned & { mover: string | null }> {
  await indexLogOf(actor, place);
  const undoing = input.undo !== undefined;
  const more = { choices: input.choices, lock: false, undoing, restore: null };
  return withScratch(
    place.id,
    (client) => openScratch(client, place),
    (client) =>
      withLog(place, client, async (log) => {
        await speakPlainly(client);
        const work = startWork(client, place, log, more);
        const made = await makePlan(work, input);
        const mover = undoing || work.moving ? null : await soleMover(work);
        return { shown: await readPlan(work, input, made, look), parts: made.parts, mover };
      }),
    { limits: planLimits },
  );
}
