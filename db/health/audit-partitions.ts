import { monthsParent } from "../managed/sql/020-audit-logs.ts";
import { type HealthCheck, unknown } from "./check.ts";

const sql = `SELECT count(*) FILTER (WHERE pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT')::int AS months,
       to_char(max((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz), 'YYYY-MM-DD') AS until,
       extract(epoch FROM max((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz)
         - now())::float8 / 86400 AS days,
       max(c.oid::regclass::text) FILTER (WHERE pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT') AS fallback
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = ${monthsParent}`;

// Ours: the worker creates months ahead, so less than a week left means that it has not run for long. The fallback keeps
// the application running when it is missing; anything in it is critical, since it blocks the month's own partition.
export const auditPartitions: HealthCheck = {
  id: "audit-partitions",
  title: "Audit partitions ahead",
  unit: "seconds",
  threshold: "warning below 7 days, critical when the fallback partition holds an entry",
  sql,
  async run(client) {
    const { rows } = await client.query<{ until: string | null; days: number | null; fallback: string | null }>(sql);
    const [found] = rows;
    if (!found || found.days === null) return unknown("This database has no audit log.", "Adopt it under Databases.");
    const days = Math.floor(found.days);
    if (found.fallback && (await holdsEntries(found.fallback))) {
      return {
        verdict: "critical",
        value: found.days * 86_400,
        finding: "Audit entries went to the fallback partition, because their month had none.",
        fix: "Start the worker, which creates partitions every hour and moves those entries to their month; where that is archived, bring it back.",
      };
    }
    const good = days >= 7;
    return {
      verdict: good ? "good" : "warning",
      value: found.days * 86_400,
      finding: `Partitions reach until ${found.until}; the fallback partition is empty.`,
      ...(good ? {} : { fix: "Start the worker, which creates them." }),
    };

    async function holdsEntries(regclass: string): Promise<boolean> {
      // The name was printed by regclass, which quotes it.
      const { rowCount } = await client.query(`SELECT FROM ${regclass} LIMIT 1`);
      return rowCount === 1;
    }
  },
};
