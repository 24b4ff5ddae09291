import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { withDatabase } from "../../fleet.ts";
import type { StrayEntries } from "./contract.ts";

const countMax = 10_000;

/** What the DEFAULT partition caught. The application went on; the month's own partition was missing. */
export async function readStrayEntries(actor: Actor, databaseId: string): Promise<StrayEntries> {
  authorise(actor, "audit.read");
  return withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<Omit<StrayEntries, "capped">>(
      `SELECT count(*)::int AS entries,
              to_char(min(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS oldest,
              to_char(max(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS newest
         FROM (SELECT created_at FROM caretaker.audit_logs_default ORDER BY created_at LIMIT $1) AS stray`,
      [countMax + 1],
    );
    const { entries, oldest, newest } = rows[0] ?? { entries: 0, oldest: null, newest: null };
    return { entries: Math.min(entries, countMax), capped: entries > countMax, oldest, newest };
  });
}

/** The months up to this one of which it caught any, oldest first. One look at the index for each, however many entries there are. */
export async function strayMonths(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ month: string }>(
    `WITH RECURSIVE months AS (
       SELECT (SELECT min(created_at) FROM caretaker.audit_logs_default) AS first
       UNION ALL
       SELECT (SELECT min(created_at) FROM caretaker.audit_logs_default
                WHERE created_at >= (date_trunc('month', first AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC')
         FROM months WHERE first IS NOT NULL
     )
     SELECT to_char(first AT TIME ZONE 'UTC', 'YYYY-MM') AS month FROM months WHERE first < now() ORDER BY first`,
  );
  return rows.map(({ month }) => month);
}
