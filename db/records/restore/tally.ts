import type pg from "pg";

/** What a restore came to. */
export interface Tally {
  planned: number;
  written: number;
  /** Exactly as they were. */
  exact: number;
  /** As they were, but for columns that a choice changed. */
  chosen: number;
  /** Changed by the application's own triggers. */
  differing: number;
}

export async function tallyOf(client: pg.ClientBase, restore: string): Promise<Tally> {
  const { rows } = await client.query<Tally>(
    `SELECT count(*)::int AS planned, (count(*) FILTER (WHERE done_at IS NOT NULL))::int AS written,
            (count(*) FILTER (WHERE done_at IS NOT NULL AND changed = '{}' AND differing = '{}'))::int AS exact,
            (count(*) FILTER (WHERE done_at IS NOT NULL AND changed <> '{}' AND differing = '{}'))::int AS chosen,
            (count(*) FILTER (WHERE done_at IS NOT NULL AND differing <> '{}'))::int AS differing
       FROM caretaker.restored_rows WHERE restore_id = $1`,
    [restore],
  );
  return rows[0] ?? { planned: 0, written: 0, exact: 0, chosen: 0, differing: 0 };
}
