import { inArray } from "drizzle-orm";
import { control } from "../../control.ts";
import { restores } from "../../schema/restores.ts";
import { rows } from "./scratch.ts";
import type { Work } from "./work.ts";

/** Who brought rows of the plan back already, as far as that was done here. One sentence for each restore. */
export async function restoredBy({ client }: Work): Promise<string[]> {
  const { rows: found } = await client.query<{ restore: string; rows: number; at: string }>(
    `SELECT w.restore_id AS restore, count(*)::int AS rows, to_char(max(w.done_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at
       FROM ${rows} AS r JOIN caretaker.restored_rows AS w ON w.entry_id = r.entry AND w.entry_at = r.entry_at AND w.done_at IS NOT NULL AND w.undone_at IS NULL
      WHERE r.state = 'live' GROUP BY 1 ORDER BY 2 DESC LIMIT 3`,
  );
  if (found.length === 0) return [];
  const known = await control()
    .select({ id: restores.id, name: restores.actorName })
    .from(restores)
    .where(
      inArray(
        restores.id,
        found.map(({ restore }) => restore),
      ),
    );
  return found.map(({ restore, rows, at }) => {
    const name = known.find(({ id }) => id === restore)?.name ?? "Somebody";
    return `${name} restored ${rows} of these rows at ${at} UTC.`;
  });
}
