import { Refusal } from "../../errors.ts";
import { restoreRecord } from "./report/list.ts";

/** How long a restore can be taken back. */
export const undoDays = 30;

/** @throws Refusal `conflict` when the restore cannot be taken back, and why; `undo` is the one that is doing so. */
export async function requireUndoable(restore: string, databaseId: string, undo: string | null): Promise<void> {
  const { what, state, finishedAt, undoneBy, database } = await restoreRecord(restore);
  const no = (why: string, fix: string) => new Refusal("conflict", why, { fix });
  if (database !== databaseId) throw no("That restore was in another database.", "Start from its report.");
  if (what === "undo") throw no("An undo is not taken back.", "Restore the rows again from the deleted records.");
  if (state === "running") throw no("That restore still runs.", "Wait for its end.");
  if (state === "failed") throw no("That restore wrote nothing.", "There is nothing to take back.");
  if (undoneBy !== null && undoneBy !== undo)
    throw no("That restore was taken back already, or is being taken back.", "Look at its report.");
  if (finishedAt === null || Date.now() - Date.parse(finishedAt) > undoDays * 86_400_000) {
    throw no(`That restore is older than ${undoDays} days.`, "Delete the rows in the application instead.");
  }
}
