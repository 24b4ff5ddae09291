import type pg from "pg";
import { above, type Finding, type HealthCheck } from "./check.ts";

// Five minutes: CloudNativePG's and pgEdge's line for long queries and transactions. Ten minutes: pgEdge's for transactions;
// from there a transaction visibly holds back vacuum.
const warningSeconds = 300;
const criticalSeconds = 600;
const threshold = "warning from 5 minutes, critical from 10";

interface Topic {
  id: string;
  title: string;
  sql: string;
  what: string;
  none: string;
  fix: string;
}

interface Session {
  pid: number;
  role: string | null;
  application: string;
  seconds: number;
  query: string;
}

const sessions = (age: string, condition: string) => `SELECT pid, usename AS role, application_name AS application,
       extract(epoch FROM clock_timestamp() - ${age})::float8 AS seconds, left(query, 500) AS query
  FROM pg_stat_activity
 WHERE datname = current_database()
   AND backend_type = 'client backend'
   AND pid <> pg_backend_pid()
   AND ${condition}
 ORDER BY ${age}, pid
 LIMIT 20`;

export const longestQuery = running({
  id: "longest-query",
  title: "Longest running query",
  sql: sessions("query_start", "state = 'active'"),
  what: "query has been running",
  none: "No query is running.",
  fix: "Look at its plan and at what it waits for; cancel it with pg_cancel_backend(pid) if nobody needs it.",
});

export const longestTransaction = running({
  id: "longest-transaction",
  title: "Longest open transaction",
  sql: sessions("xact_start", "xact_start IS NOT NULL"),
  what: "transaction has been open",
  none: "No transaction is open.",
  fix: "Commit earlier: an open transaction keeps vacuum from removing any row that died since it began.",
});

const idleTopic: Topic = {
  id: "idle-in-transaction",
  title: "Idle in transaction",
  // By the time since the last state change: a busy transaction that pauses for a moment is not idle.
  sql: sessions("state_change", "state IN ('idle in transaction', 'idle in transaction (aborted)')"),
  what: "session has been idle inside a transaction",
  none: "No session is idle inside a transaction.",
  fix: "Find the code that begins and never ends; idle_in_transaction_session_timeout ends such sessions by itself.",
};

export const idleInTransaction = idleInTransactionCheck(warningSeconds, criticalSeconds);

/** With thresholds of its own, so that a test need not wait for five minutes. */
export function idleInTransactionCheck(warning: number, critical: number): HealthCheck {
  return running(idleTopic, warning, critical);
}

function running(topic: Topic, warning = warningSeconds, critical = criticalSeconds): HealthCheck {
  const { id, title, sql } = topic;
  return {
    id,
    title,
    unit: "seconds",
    threshold,
    sql,
    activity: true,
    async run(client: pg.PoolClient): Promise<Finding> {
      const { rows } = await client.query<Session>(sql);
      const [longest] = rows;
      if (!longest) return { verdict: "good", value: 0, finding: topic.none };
      const verdict = above(longest.seconds, warning, critical);
      return {
        verdict,
        value: longest.seconds,
        finding: `The longest ${topic.what} for ${Math.round(longest.seconds)} seconds (process ${longest.pid}).`,
        ...(verdict === "good" ? {} : { fix: topic.fix }),
        evidence: {
          columns: [
            { name: "process", unit: "text" },
            { name: "role", unit: "text" },
            { name: "application", unit: "text" },
            { name: "for", unit: "seconds" },
            { name: "query", unit: "sql" },
          ],
          rows: rows.map((row) => [String(row.pid), row.role, row.application, row.seconds, row.query]),
        },
      };
    },
  };
}
