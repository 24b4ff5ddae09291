import { eq } from "drizzle-orm";
import type { Actor } from "../../actor.ts";
import type { Control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { restores } from "../../schema/restores.ts";
import type { Order } from "./at-once.ts";
import type { Tally } from "./tally.ts";
import type { Place } from "./work.ts";

/** Enters a restore before anything of it is done. */
export async function beginRecord(
  tx: Control,
  actor: Actor,
  { restore, plan, stored, reason }: Order,
  place: Place,
  job: string | null,
): Promise<void> {
  const { input, subject, parts } = stored;
  const entered = await tx
    .insert(restores)
    .values({
      id: restore,
      planHash: plan,
      databaseId: place.id,
      what: input.undo ? "undo" : input.version ? "version" : "restore",
      subject,
      reason,
      staffId: actor.staffId,
      actorName: actor.name,
      planned: parts?.writes ?? 0,
      jobId: job,
      undoOf: input.undo ?? null,
    })
    .onConflictDoNothing()
    .returning({ id: restores.id });
  if (entered.length === 1) return;
  throw new Refusal("conflict", "That restore was taken back already, or is being taken back.", {
    fix: "Look at its report.",
  });
}

/** Enters what a restore came to. */
export async function endRecord(
  tx: Control,
  restore: string,
  tally: Tally,
  error: string | null = null,
): Promise<void> {
  const { planned, written, exact, chosen, differing } = tally;
  const state = written === 0 ? "failed" : written < planned ? "partial" : "done";
  await tx
    .update(restores)
    .set({ state, written, exact, chosen, differing, error, finishedAt: new Date().toISOString() })
    .where(eq(restores.id, restore));
}

export const nothingWritten: Tally = { planned: 0, written: 0, exact: 0, chosen: 0, differing: 0 };
