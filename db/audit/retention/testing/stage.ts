import type { Actor } from "../../../actor.ts";
import { decide } from "../../../approvals/decide.ts";
import { propose } from "../../../approvals/propose.ts";
import { closeControl } from "../../../control.ts";
import { closeFleet } from "../../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../../testing/adopted.ts";
import { freshControl } from "../../../testing/databases.ts";
import { type Person, person } from "../../../testing/people.ts";
import { monthAfter, monthOf } from "../../archive/month.ts";
import { fillMonth } from "../../archive/testing/month.ts";
import { moveMonth } from "../../archive/testing/move.ts";
import { planRetention, setRetention } from "../set-retention.ts";

/** Thirteen months ago: past a retention of twelve. */
export const month = monthAfter(monthOf(new Date()), -13);

export interface RetentionStage {
  app: Adopted;
  administrator: Person;
  compliance: Person;
  support: Person;
  /** A second person agrees to the plan. Answers the approval's id. */
  approval(verb: string, subject: string, planHash: string): Promise<string>;
  /** Sets a rule by two people. */
  agreed(change: Parameters<typeof planRetention>[1]): ReturnType<typeof setRetention>;
  close(): Promise<void>;
}

/** An adopted database with 700 entries in an archived month, and one person of each role. */
export async function openRetention(system: Actor): Promise<RetentionStage> {
  await freshControl();
  const administrator = await person("administrator", "Ada");
  const compliance = await person("compliance", "Bo");
  const support = await person("support", "Cy");
  const app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  await fillMonth(app.client, month, 700);
  await moveMonth(system, "audit.archive", app.id, month);

  async function approval(verb: string, subject: string, planHash: string): Promise<string> {
    const id = await propose(administrator.actor, { verb, subject, planHash, reason: "the contract says so" });
    await decide(compliance.actor, { id, planHash, decision: "approve" });
    return id;
  }

  async function agreed(change: Parameters<typeof planRetention>[1]) {
    const plan = await planRetention(administrator.actor, change);
    const approvalId = await approval("retention.set", plan.subject, plan.hash);
    const consent = { planHash: plan.hash, approvalId, reason: "the contract says so" };
    return setRetention(administrator.actor, { ...change, ...consent });
  }

  async function close(): Promise<void> {
    await app.client.end();
    await closeFleet();
    await closeControl();
  }

  return { app, administrator, compliance, support, approval, agreed, close };
}
