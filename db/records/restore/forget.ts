import { sql } from "drizzle-orm";
import type { Actor } from "../../actor.ts";
import { control, controlPool } from "../../control.ts";
import { inDatabase } from "../../fleet.ts";
import { undoDays } from "./undoable.ts";

/** A day beyond the time for an undo, so that one that has begun still finds what it sets back. */
const valueDays = undoDays + 1;

const receiptsAtOnce = 5_000;

/** Plans that were shown more than 30 days ago and never run. */
export async function forgetPlans(): Promise<number> {
  const { rowCount } = await control().execute(
    sql`DELETE FROM restore_plans AS p
         WHERE p.shown_at < now() - interval '30 days' AND NOT EXISTS (SELECT FROM restores AS r WHERE r.plan_hash = p.hash)`,
  );
  return rowCount ?? 0;
}

/** The databases in which a restore ended so long ago that nobody can take it back. */
export async function databasesToForgetIn(): Promise<{ databaseId: string }[]> {
  const { rows } = await controlPool().query<{ databaseId: string }>(
    `SELECT DISTINCT r.database_id AS "databaseId" FROM restores AS r JOIN databases AS d ON d.id = r.database_id
      WHERE r.finished_at < now() - make_interval(days => $1) AND d.adopted_at IS NOT NULL AND d.released_at IS NULL`,
    [valueDays],
  );
  return rows;
}

/**
 * Clears the values in the receipts of restores that cannot be taken back any more. That the rows were restored, by whom and
 * with which hashes stays. Answers how many receipts held values.
 */
export async function forgetValues(actor: Actor, databaseId: string): Promise<number> {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT id FROM restores WHERE database_id = $1 AND finished_at < now() - make_interval(days => $2)",
    [databaseId, valueDays],
  );
  const ended = rows.map(({ id }) => id);
  for (let cleared = 0, last = receiptsAtOnce; ; cleared += last) {
    if (last < receiptsAtOnce) return cleared;
    last = await inDatabase(actor, databaseId, async (client) => {
      const { rowCount } = await client.query(
        `UPDATE caretaker.restored_rows SET given = NULL, earlier = NULL
          WHERE (restore_id, n) IN (SELECT restore_id, n FROM caretaker.restored_rows
                                     WHERE restore_id = ANY ($1) AND (given IS NOT NULL OR earlier IS NOT NULL)
                                     LIMIT $2)`,
        [ended, receiptsAtOnce],
      );
      return rowCount ?? 0;
    });
  }
}
