import type pg from "pg";
import type { Check, Evidence, Unit, Verdict } from "./contract.ts";

/** What every check may need to know about the server first. */
export interface Facts {
  databaseId: string;
  /** server_version_num: 150018. */
  version: number;
  versionText: string;
  /** Whether the role sees other sessions' queries and states (pg_read_all_stats). */
  readsActivity: boolean;
  /** Replicas may use what this server does not. */
  standbys: number;
  inRecovery: boolean;
  now: string;
}

export interface Finding {
  verdict: Verdict;
  value: number | null;
  finding: string;
  fix?: string;
  evidence?: Evidence;
  since?: string;
}

export interface HealthCheck {
  id: string;
  title: string;
  unit: Unit;
  threshold: string;
  sql: string;
  /** Needs to see other sessions; without the privilege the check is unknown. */
  activity?: true;
  run(client: pg.PoolClient, facts: Facts): Promise<Finding>;
}

export function unknown(finding: string, fix?: string): Finding {
  return { verdict: "unknown", value: null, finding, ...(fix ? { fix } : {}) };
}

/** The verdict of a value that is worse the larger it is. */
export function above(value: number, warning: number, critical: number): Verdict {
  if (value >= critical) return "critical";
  return value >= warning ? "warning" : "good";
}

const rank: Record<Verdict, number> = { critical: 4, warning: 3, unknown: 2, good: 1, neutral: 0 };

export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((held, verdict) => (rank[verdict] > rank[held] ? verdict : held), "neutral");
}

export function toCheck(check: HealthCheck, facts: Facts, found: Finding): Check {
  const { id, title, unit, threshold, sql } = check;
  return {
    id,
    title,
    unit,
    threshold,
    sql,
    verdict: found.verdict,
    value: found.value,
    finding: found.finding,
    fix: found.fix ?? null,
    evidence: found.evidence ?? null,
    asOf: facts.now,
    since: found.since ?? null,
  };
}
