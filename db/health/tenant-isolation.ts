import { controlPool } from "../control.ts";
import { consoleDatabase } from "../fleet.ts";
import type { HealthCheck } from "./check.ts";

const sql = `SELECT r.tables, r.unprotected, extract(epoch FROM now() - r.finished_at)::float8 AS age,
       count(f.key) FILTER (WHERE f.severity = 'critical')::int AS critical,
       min(f.what) FILTER (WHERE f.severity = 'critical') AS first,
       array_agg(DISTINCT concat_ws('.', nullif(f.schema, ''), nullif(f.name, ''))) FILTER (WHERE f.severity = 'critical') AS places
  FROM (SELECT * FROM isolation_runs WHERE database_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT 1) AS r
  LEFT JOIN isolation_findings f
    ON f.run_id = r.id
   AND NOT EXISTS (SELECT FROM isolation_acceptances a
                    WHERE a.database_id = r.database_id AND a.key = f.key AND a.evidence = f.evidence AND a.withdrawn_at IS NULL)
 GROUP BY r.id, r.tables, r.unprotected, r.finished_at`;

interface Standing {
  tables: number;
  unprotected: number;
  age: number;
  critical: number;
  first: string | null;
  places: string[] | null;
}

const staleDays = 3;

// Ours: every database is checked every night, so that three days without mean that nobody would hear of a leak.
export const tenantIsolation: HealthCheck = {
  id: "tenant-isolation",
  title: "Tenants kept apart",
  unit: "count",
  threshold: `critical when one tenant's session reached another's rows; warning when not checked for ${staleDays} days`,
  sql,
  async run(_client, { databaseId }) {
    if (databaseId === consoleDatabase)
      return { verdict: "neutral", value: null, finding: "The console has no tenants of its own." };
    const { rows } = await controlPool().query<Standing>(sql, [databaseId]);
    const [standing] = rows;
    if (!standing) {
      return {
        verdict: "neutral",
        value: null,
        finding: "It was not checked yet; that is done every night.",
        fix: "Check it under Tenants, Isolation.",
      };
    }
    const { tables, unprotected, age, critical, first, places } = standing;
    if (critical > 0) {
      return {
        verdict: "critical",
        value: critical,
        finding: `${named(places ?? [])}: ${first ?? "one tenant reaches another."}`,
        fix: "Look under Tenants, Isolation: each finding has the statement that shows it and the one that mends it.",
      };
    }
    const days = Math.floor(age / 86_400);
    if (days >= staleDays) {
      return {
        verdict: "warning",
        value: 0,
        finding: `It was last checked ${days} days ago.`,
        fix: "Start the worker, which does it every night.",
      };
    }
    if (tables > 0 && unprotected === tables) {
      return {
        verdict: "neutral",
        value: null,
        finding: "No table has row security: the application alone keeps tenants apart.",
      };
    }
    return { verdict: "good", value: 0, finding: "No tenant's session reached another tenant's rows." };
  },
};

/** The first two, and how many more. */
function named(places: readonly string[]): string {
  const all = places.filter((place) => place !== "");
  if (all.length === 0) return "The application's role";
  return all.length > 2 ? `${all.slice(0, 2).join(", ")} and ${all.length - 2} more` : all.join(" and ");
}
