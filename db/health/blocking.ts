import { above, type HealthCheck } from "./check.ts";

// Ours: a person notices a wait of half a minute; after five the queue behind it fills the pools.
const warningSeconds = 30;
const criticalSeconds = 300;

// pg_blocking_pids knows lock queues and groups; a self-join of pg_locks reports pairs that do not wait for one another.
const sql = `SELECT waiting.pid, waiting.usename AS role, left(waiting.query, 500) AS query,
       extract(epoch FROM clock_timestamp() - min(l.waitstart))::float8 AS seconds,
       array_to_string(pg_blocking_pids(waiting.pid), ', ') AS blockers,
       (SELECT left(string_agg(b.query, '; '), 500)
          FROM pg_stat_activity b
         WHERE b.pid = ANY (pg_blocking_pids(waiting.pid))) AS blocking
  FROM pg_stat_activity waiting
  JOIN pg_locks l ON l.pid = waiting.pid AND NOT l.granted
 WHERE waiting.datname = current_database()
   AND waiting.wait_event_type = 'Lock'
 GROUP BY waiting.pid, waiting.usename, waiting.query
 ORDER BY 4 DESC NULLS LAST, 1
 LIMIT 20`;

export const blocking: HealthCheck = {
  id: "blocking",
  title: "Longest wait for a lock",
  unit: "seconds",
  threshold: "warning from 30 seconds, critical from 5 minutes",
  sql,
  activity: true,
  async run(client) {
    const { rows } = await client.query<{
      pid: number;
      role: string | null;
      query: string;
      seconds: number | null;
      blockers: string;
      blocking: string | null;
    }>(sql);
    const longest = Math.max(0, ...rows.map((row) => row.seconds ?? 0));
    const verdict = above(longest, warningSeconds, criticalSeconds);
    return {
      verdict,
      value: longest,
      finding: rows.length === 0 ? "Nobody waits for a lock." : `${rows.length} sessions wait for locks.`,
      ...(verdict === "good"
        ? {}
        : { fix: "End the first blocker's transaction: pg_terminate_backend of its process." }),
      ...(rows.length === 0
        ? {}
        : {
            evidence: {
              columns: [
                { name: "waiting", unit: "text" },
                { name: "role", unit: "text" },
                { name: "for", unit: "seconds" },
                { name: "query", unit: "sql" },
                { name: "blocked by", unit: "text" },
                { name: "blocking query", unit: "sql" },
              ],
              rows: rows.map((row) => [String(row.pid), row.role, row.seconds, row.query, row.blockers, row.blocking]),
            },
          }),
    };
  },
};
