import { controlPool } from "../../control.ts";
import { monthOf } from "../archive/month.ts";

/** Entries whose values were erased, or are being erased: their rows are not what was sealed, and rightly so. */
export async function erasedIds(databaseId: string): Promise<Set<string>> {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT entry_id::text AS id FROM erased_entries WHERE database_id = $1",
    [databaseId],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * How many entries retention removed from each archived month, by what each file says of the one that it took the place of.
 * A month that went whole counts with all that its last file held.
 */
export async function removedByRetention(databaseId: string): Promise<Map<string, number>> {
  const { rows } = await controlPool().query<{ month: string; removed: number }>(
    `SELECT month, sum(CASE WHEN state = 'expired' THEN rows ELSE 0 END
                       + coalesce((manifest #>> '{replaces,rows}')::bigint - rows, 0))::float8 AS removed
       FROM audit_archives WHERE database_id = $1 GROUP BY month`,
    [databaseId],
  );
  return new Map(rows.map(({ month, removed }) => [month, removed]));
}

/** Where in a tree entries are that a restore took away, and how many: newest first. */
export interface LostStretch {
  fromLeaf: number;
  toLeaf: number;
  lost: number;
}

export async function lostStretches(databaseId: string): Promise<LostStretch[]> {
  const { rows } = await controlPool().query<LostStretch>(
    `SELECT from_leaf::float8 AS "fromLeaf", to_leaf::float8 AS "toLeaf", lost::float8 AS lost
       FROM seal_epochs WHERE database_id = $1 ORDER BY begun_at DESC, id`,
    [databaseId],
  );
  return rows;
}

/** The months in which an entry may lie: its id is rounded to milliseconds, and its moment is not. */
export function monthsOfId(id: string): string[] {
  const ms = Number(BigInt(id) >> 20n);
  return [...new Set([monthOf(new Date(ms)), monthOf(new Date(ms - 1))])];
}
