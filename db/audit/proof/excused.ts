import { controlPool } from "../../control.ts";

/** Entries whose values were erased, or are being erased: their rows are not what was sealed, and rightly so. */
export async function erasedIds(databaseId: string): Promise<Set<string>> {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT entry_id::text AS id FROM erased_entries WHERE database_id = $1",
    [databaseId],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Tells of an entry's id whether its month now lies in the archive, where it has a manifest of its own. */
export async function archivedMonths(databaseId: string): Promise<(id: bigint) => boolean> {
  const { rows } = await controlPool().query<{ month: string }>(
    "SELECT month FROM audit_archives WHERE database_id = $1 AND state IN ('cold', 'expired')",
    [databaseId],
  );
  const months = new Set(rows.map(({ month }) => month.slice(0, 7)));
  return (id) => months.size > 0 && months.has(new Date(Number(id >> 20n)).toISOString().slice(0, 7));
}
