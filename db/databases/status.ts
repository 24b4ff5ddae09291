import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { plainMessage } from "../log.ts";
import type { Drift, PlanProblem } from "./contract.ts";
import { type AdoptionPlan, planAdoption } from "./plan.ts";
import { readDatabaseRow } from "./stored-model.ts";

export type AdoptionState = "unconfirmed" | "confirmed" | "adopted" | "drifted" | "interrupted" | "unreachable";

export interface AdoptionStatus {
  state: AdoptionState;
  /** The answer in one sentence. */
  sentence: string;
  adoptedAt: string | null;
  adoptedBy: string | null;
  audited: number;
  captured: number;
  secured: number;
  drift: Drift[];
  problems: PlanProblem[];
}

/** A page shows the whole fleet, so that no database may keep it waiting. */
const answerMsMax = 8_000;

/** Where a database stands, compared with its model at this moment. One that does not answer, fails or is late says so. */
export async function adoptionStatus(actor: Actor, databaseId: string): Promise<AdoptionStatus> {
  authorise(actor, "databases.read");
  const { adoptedAt, adoptedBy } = await readDatabaseRow(databaseId);
  const none = { adoptedAt, adoptedBy, audited: 0, captured: 0, secured: 0, drift: [], problems: [] };
  const late = AbortSignal.timeout(answerMsMax);
  try {
    const plan = await planAdoption(actor, databaseId, { timeoutMs: answerMsMax, signal: late });
    const { audited, captured, secured, drift, problems } = plan;
    return { ...none, ...judge(plan, adoptedAt), audited, captured, secured, drift, problems };
  } catch (error) {
    return { ...none, state: "unreachable", sentence: late.aborted ? tooLate : reasonOf(error) };
  }
}

const tooLate = `It did not answer within ${answerMsMax / 1_000} seconds.`;

function reasonOf(error: unknown): string {
  return error instanceof Refusal ? error.message : `It could not be looked at: ${plainMessage(error)}.`;
}

function judge(plan: AdoptionPlan, adoptedAt: string | null): Pick<AdoptionStatus, "state" | "sentence"> {
  const tables = counted(plan.audited, "table");
  if (adoptedAt === null && plan.installedVersion !== null) {
    return {
      state: "interrupted",
      sentence: `Adoption was begun and is not finished: ${plan.captured} of ${tables} are captured.`,
    };
  }
  if (adoptedAt === null && plan.audited === 0 && plan.statements.length === 0) {
    return { state: "unconfirmed", sentence: "Nobody has confirmed yet what its tables are." };
  }
  if (adoptedAt === null)
    return { state: "confirmed", sentence: `Its model is confirmed; the plan for ${tables} has not been applied.` };
  const [first] = plan.drift;
  if (first) {
    const further = plan.drift.length > 1 ? ` ${counted(plan.drift.length - 1, "further difference")}.` : "";
    return { state: "drifted", sentence: `${first.table}: ${first.what}${further}` };
  }
  if (plan.statements.length > 0)
    return {
      state: "drifted",
      sentence: `${counted(plan.statements.length, "statement")} of its plan are not applied.`,
    };
  const secured = plan.secured > 0 ? `, row security on ${plan.secured}` : "";
  return { state: "adopted", sentence: `Every write to ${tables} is recorded${secured}.` };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
