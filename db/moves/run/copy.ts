import { controlPool } from "../../control.ts";
import { type CopyProgress, chunkRows, copyChunk } from "../copy/chunk.ts";
import type { Move } from "../move.ts";
import type { PlannedTable } from "../plan/tables.ts";
import { type Hands, isWanted } from "./hands.ts";

const showEveryMs = 500;

/** Copies table after table. False when somebody paused or aborted: what is copied stays copied. */
export async function copyTables(
  move: Move,
  hands: Hands,
  show: (done: number, total: number, line: string) => Promise<void>,
): Promise<boolean> {
  const { pace } = hands;
  await pace.begin();
  const total = move.plan.tables.reduce((sum, table) => sum + table.estimatedRows, 0);
  let before = 0;
  for (const table of move.plan.tables) {
    const rowBytes = table.estimatedRows > 0 ? table.estimatedBytes / table.estimatedRows : 100;
    const limit = chunkRows(rowBytes);
    let shownAt = 0;
    for (let rows = 0; ; ) {
      const begun = performance.now();
      const progress = await copyChunk(hands.pair, table, pace.copyAtOnce(limit));
      const took = performance.now() - begun;
      if (progress.done || begun - shownAt > showEveryMs) {
        shownAt = begun;
        await keepProgress(move, table, progress, rowBytes);
        await show(before + progress.rows, Math.max(total, before + progress.rows), `Copying ${table.name}`);
        if (!(await isWanted(move))) return false;
      }
      if (progress.done) {
        before += progress.rows;
        break;
      }
      await pace.copied(took, progress.rows - rows, () => isWanted(move));
      rows = progress.rows;
    }
  }
  return true;
}

async function keepProgress(move: Move, table: PlannedTable, progress: CopyProgress, rowBytes: number): Promise<void> {
  const { rowCount } = await controlPool().query(
    `UPDATE move_tables
        SET copied_to_key = $3, rows = $4, bytes = $5, copied_at = CASE WHEN $6 THEN coalesce(copied_at, now()) END
      WHERE move_id = $1 AND ordinal = $2`,
    [
      move.id,
      table.ordinal,
      progress.lastKey,
      progress.rows,
      progress.bytes || Math.round(progress.rows * rowBytes),
      progress.done,
    ],
  );
  if (rowCount !== 1) throw new Error(`The move has no table ${table.name}.`);
}
