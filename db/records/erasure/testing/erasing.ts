import pino from "pino";
import type { Actor } from "../../../actor.ts";
import { decide } from "../../../approvals/decide.ts";
import { propose } from "../../../approvals/propose.ts";
import { control, controlPool } from "../../../control.ts";
import type { JobKind } from "../../../jobs/kind.ts";
import { passing } from "../../../jobs/passing.ts";
import { columnClasses } from "../../../schema/fleet.ts";
import type { Adopted } from "../../../testing/adopted.ts";
import type { Person } from "../../../testing/people.ts";
import { type ErasurePlan, startErasureInput } from "../contract.ts";
import { searchErasure } from "../job/search.ts";
import { readErasure } from "../list.ts";
import { readErasurePlan } from "../plan/read.ts";
import { rehearseErasure } from "../rehearse.ts";
import { runErasure } from "../run.ts";
import { startErasure } from "../start.ts";

const silent = pino({ level: "silent" });

/** Runs a job that was put in the queue, in this process. Its steps have no receipts: each run begins anew. */
export async function runJob(actor: Actor, kind: JobKind, id: string): Promise<Record<string, unknown>> {
  const { rows } = await controlPool().query("SELECT input, plan_hash FROM jobs WHERE id = $1", [id]);
  const job = passing(id, actor, new AbortController().signal, silent);
  const result = await kind.run({ ...job, input: rows[0].input, planHash: rows[0].plan_hash });
  await controlPool().query("UPDATE jobs SET state = 'done', finished_at = now() WHERE id = $1", [id]);
  return result;
}

/** Confirms columns as personal: "public.users.email". */
export async function confirmPersonal(databaseId: string, ...columns: string[]): Promise<void> {
  await control()
    .insert(columnClasses)
    .values(
      columns.map((named) => {
        const [schema = "", table = "", column = ""] = named.split(".");
        return { databaseId, schema, table, column, class: "personal" as const, setBy: "test" };
      }),
    );
}

/** Searches for a person and answers the plan. */
export async function search(
  actor: Actor,
  db: Adopted,
  about: Record<string, unknown>,
): Promise<{ id: string; plan: ErasurePlan }> {
  const { erasure, job } = await startErasure(actor, startErasureInput.parse({ database: db.id, ...about }));
  await runJob(actor, searchErasure, job);
  return { id: erasure, plan: await planOf(actor, erasure) };
}

export async function planOf(actor: Actor, id: string): Promise<ErasurePlan> {
  const plan = await readErasurePlan(actor, id);
  if (!plan) throw new Error("There is no plan.");
  return plan;
}

export function item(plan: ErasurePlan, key: string) {
  const found = plan.items.find((one) => one.key === key || one.key.startsWith(`${key} `));
  if (!found) throw new Error(`The plan has no item ${key}: ${plan.items.map((one) => one.key).join("; ")}`);
  return found;
}

/** A plan that was rehearsed, and that a second person approved. */
export async function approved(asks: Person, agrees: Person, id: string) {
  const { hash, faults } = await rehearseErasure(asks.actor, { id });
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  const { subject } = await readErasure(asks.actor, id);
  const reason = "Asked for by letter";
  const approvalId = await propose(asks.actor, { verb: "records.erase", subject, planHash: hash, reason });
  await decide(agrees.actor, { id: approvalId, planHash: hash, decision: "approve" });
  return { subject, reason, planHash: hash, approvalId };
}

/** The same, in the queue. Answers the job's id. */
export async function agree(asks: Person, agrees: Person, id: string): Promise<string> {
  const { subject, ...consent } = await approved(asks, agrees, id);
  return (await runErasure(asks.actor, { id, ...consent, typed: subject })).job;
}
