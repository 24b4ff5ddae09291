import type pg from "pg";
import { controlPool } from "../../control.ts";
import { hotMonths } from "../archive/standing.ts";

/** Entries whose values were erased, or are being erased: their rows are not what was sealed, and rightly so. */
export async function erasedIds(databaseId: string): Promise<Set<string>> {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT entry_id::text AS id FROM erased_entries WHERE database_id = $1",
    [databaseId],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Tells of an entry's id whether its month lies in the archive, where it has a manifest of its own. Asked in the transaction that
 * read the log, whose locks keep months where they are; one on its way out may be gone from the log before it counts as cold.
 */
export async function archivedMonths(client: pg.ClientBase, databaseId: string): Promise<(id: bigint) => boolean> {
  const attached = new Set((await hotMonths(client)).map(({ month }) => month));
  const { rows } = await controlPool().query<{ month: string; gone: boolean }>(
    `SELECT month, state IN ('cold', 'expired') AS gone FROM audit_archives
      WHERE database_id = $1 AND state <> 'replaced'`,
    [databaseId],
  );
  const months = new Set(rows.filter(({ month, gone }) => gone || !attached.has(month)).map(({ month }) => month));
  return (id) => months.size > 0 && months.has(new Date(Number(id >> 20n)).toISOString().slice(0, 7));
}
