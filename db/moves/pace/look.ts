import type pg from "pg";
import type { Replica } from "./replicas.ts";

/** One look at a server. Ages and lags are in seconds, by its clock. */
export interface Look {
  at: number;
  othersWork: boolean;
  waitingSessions: number;
  replicas: Replica[];
  walBytes: number;
  /** How much of the log is on disk, and so may be at the replicas. */
  flushedBytes: number;
  commitMs: number;
}

/** Whose activity cannot be seen, for want of pg_read_all_stats, counts as working. */
const others = `backend_type = 'client backend' AND application_name NOT LIKE 'caretaker%'`;

export async function look(client: pg.Client): Promise<Look> {
  const { rows } = await client.query<Omit<Look, "commitMs">>(
    `SELECT extract(epoch FROM clock_timestamp())::float8 AS at,
            EXISTS (SELECT FROM pg_stat_activity
                     WHERE ${others} AND (state IS DISTINCT FROM 'idle' OR state_change > clock_timestamp() - interval '1 second')) AS "othersWork",
            (SELECT count(*)::int FROM pg_stat_activity
              WHERE ${others} AND wait_event_type = 'Lock' AND query_start < clock_timestamp() - interval '200 ms') AS "waitingSessions",
            (SELECT coalesce(json_agg(json_build_object(
                      'pid', r.pid, 'name', r.application_name || coalesce(' at ' || host(r.client_addr), ''),
                      'lagSeconds', extract(epoch FROM r.replay_lag)::float8,
                      'replayedBytes', CASE WHEN s.slot_type IS DISTINCT FROM 'logical' THEN pg_wal_lsn_diff(r.replay_lsn, '0/0')::float8 END)), '[]')
               FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid) AS replicas,
            pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS "walBytes",
            pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::float8 AS "flushedBytes"`,
  );
  const [row] = rows;
  if (!row) throw new Error("A look at a server gave no row.");
  return { ...row, commitMs: await commit(client) };
}

/**
 * How long a commit takes by the server's own clock: with the wait for a processor, for the log to be on disk, and for a synchronous
 * replica. It is the part of the application's latency that can be seen without it; a message in the log is all that it writes.
 */
async function commit(client: pg.Client): Promise<number> {
  await client.query(
    `DO $commit$
     DECLARE began timestamptz := clock_timestamp();
     BEGIN
       PERFORM pg_logical_emit_message(true, 'caretaker', 'a commit');
       COMMIT;
       PERFORM set_config('caretaker.commit_ms', (extract(epoch FROM clock_timestamp() - began) * 1000)::text, false);
     END $commit$`,
  );
  const { rows } = await client.query<{ ms: number }>("SELECT current_setting('caretaker.commit_ms')::float8 AS ms");
  return rows[0]?.ms ?? 0;
}
