import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { canonical } from "../../canonical.ts";
import { control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { restorePlans } from "../../schema/restores.ts";
import { type PlanRestore, planRestoreInput } from "./contract.ts";
import type { PlanParts } from "./digest.ts";

export interface StoredPlan {
  input: PlanRestore;
  subject: string;
  /** Null for what was chosen and is not planned yet. */
  parts: PlanParts | null;
}

/** Keeps what was chosen, so that it is lost by no reload. Answers the hash under which it is found. */
export async function storeInput(input: PlanRestore, subject: string): Promise<string> {
  const hash = createHash("sha256").update(canonical(input)).digest("hex");
  await control()
    .insert(restorePlans)
    .values({ hash, databaseId: input.database, input, subject })
    .onConflictDoNothing();
  return hash;
}

/** Keeps a plan as it was shown, so that one that does not hold any more can say what changed. */
export async function storePlan(
  input: PlanRestore,
  plan: { hash: string; subject: string },
  parts: PlanParts,
): Promise<void> {
  await control()
    .insert(restorePlans)
    .values({ hash: plan.hash, databaseId: input.database, input, subject: plan.subject, parts: { ...parts } })
    .onConflictDoNothing();
}

/** @throws Refusal `not_found` when no plan was shown under this hash, or too long ago. */
export async function storedPlan(hash: string): Promise<StoredPlan> {
  const [row] = await control().select().from(restorePlans).where(eq(restorePlans.hash, hash));
  if (!row) {
    throw new Refusal("not_found", "There is no such plan.", {
      fix: "Plans are kept for 30 days. Start again from the deleted records.",
    });
  }
  // What was stored was parsed then, and only this file writes it.
  return { input: planRestoreInput.parse(row.input), subject: row.subject, parts: row.parts as PlanParts | null };
}
