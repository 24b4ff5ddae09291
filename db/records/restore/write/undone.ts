import type { Work } from "../work.ts";

/** Notes in the receipts of a restore which of its rows an undo has taken back. */
export async function markUndone({ client }: Work, undone: string | undefined, undo: string): Promise<void> {
  if (undone === undefined) return;
  await client.query(
    `UPDATE caretaker.restored_rows AS w SET undone_at = clock_timestamp()
       FROM caretaker.restored_rows AS u
      WHERE u.restore_id = $2 AND u.done_at IS NOT NULL AND w.restore_id = $1 AND w.done_at IS NOT NULL AND w.undone_at IS NULL
        AND w.schema_name = u.schema_name AND w.table_name = u.table_name AND w.record = u.record`,
    [undone, undo],
  );
}
