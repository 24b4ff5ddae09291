import { controlPool } from "../../control.ts";

/** How one stream stands with one database's entries. */
export interface Lag {
  name: string;
  state: "flowing" | "failing" | "paused" | "unwatched";
  /** Since when it is so, or for how long entries wait: whichever is longer. */
  seconds: number;
  error: string | null;
}

// How long failures have lasted is told by their number: each waits twice as long as the one before (see `nextTry`).
const failingSeconds = `extract(epoch FROM now() - checked_at)
  + (SELECT coalesce(sum(least(power(2, n), 300)), 0) FROM generate_series(0, least(failures, 400) - 2) AS n)`;

/** The streams that send a database's entries, the longest behind first; for whoever has asked already who may. */
export async function lagsOf(databaseId: string): Promise<Lag[]> {
  const { rows } = await controlPool().query<Lag>(
    `SELECT name, error, state,
            greatest(0, extract(epoch FROM now() - behind_since),
                     CASE state WHEN 'paused' THEN extract(epoch FROM now() - paused_at)
                                WHEN 'failing' THEN ${failingSeconds}
                                WHEN 'unwatched' THEN extract(epoch FROM now() - seen) END)::float8 AS seconds
       FROM audit_streams AS stream
       JOIN audit_stream_cursors AS cursor ON stream_id = stream.id AND database_id = $1
      CROSS JOIN LATERAL (SELECT greatest(checked_at, next_try_at, created_at) AS seen) AS looked
      CROSS JOIN LATERAL (SELECT CASE WHEN paused_at IS NOT NULL THEN 'paused'
                                      WHEN seen < now() - interval '2 minutes' THEN 'unwatched'
                                      WHEN failures > 0 THEN 'failing' ELSE 'flowing' END AS state) AS stood
      WHERE removed_at IS NULL ORDER BY seconds DESC, name`,
    [databaseId],
  );
  return rows;
}
