import { above, type HealthCheck } from "./check.ts";

// 80 %: the common line of postgres-mixin, awesome-prometheus-alerts and pgEdge. 95 %: ours, since what is left then is
// used up by one deployment that restarts its pools.
const warning = 0.8;
const critical = 0.95;

const sql = `SELECT coalesce(usename, '?') AS role, coalesce(datname, '?') AS database, coalesce(state, '?') AS state,
       count(*)::int AS connections
  FROM pg_stat_activity
 WHERE backend_type = 'client backend'
 GROUP BY 1, 2, 3
 ORDER BY 4 DESC, 1, 2, 3`;

export const connections = connectionsCheck(warning, critical);

/** Client connections of the whole server against those that an ordinary role may open. */
export function connectionsCheck(from: number, urgent: number): HealthCheck {
  return {
    id: "connections",
    title: "Connections in use",
    unit: "ratio",
    threshold: "warning from 80 %, critical from 95 % of what ordinary roles may open",
    sql,
    activity: true,
    async run(client) {
      const { rows } = await client.query<{ role: string; database: string; state: string; connections: number }>(sql);
      // reserved_connections exists from PostgreSQL 16 on.
      const { rows: settings } = await client.query<{ open: number }>(
        `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - coalesce(current_setting('reserved_connections', true), '0')::int AS open`,
      );
      const used = rows.reduce((sum, row) => sum + row.connections, 0);
      const open = settings[0]?.open ?? 0;
      const share = open > 0 ? used / open : 1;
      const verdict = above(share, from, urgent);
      return {
        verdict,
        value: share,
        finding: `${used} of ${open} connections are open on this server.`,
        ...(verdict === "good"
          ? {}
          : { fix: "End what is idle, lower the applications' pool sizes, or put a pooler in front." }),
        evidence: {
          columns: [
            { name: "role", unit: "text" },
            { name: "database", unit: "text" },
            { name: "state", unit: "text" },
            { name: "connections", unit: "count" },
          ],
          rows: rows.slice(0, 20).map((row) => [row.role, row.database, row.state, row.connections]),
        },
      };
    },
  };
}
