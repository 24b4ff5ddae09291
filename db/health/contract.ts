import { z } from "zod";

/** neutral: measured, with nothing to compare with. unknown is never good: it says what is missing. */
export type Verdict = "good" | "warning" | "critical" | "unknown" | "neutral";

export type Unit = "count" | "bytes" | "seconds" | "ratio" | "text" | "sql";

export interface Evidence {
  columns: { name: string; unit: Unit }[];
  rows: (string | number | null)[][];
}

/** One check of one database: the answer, what it was held against, and what it was read from. */
export interface Check {
  id: string;
  title: string;
  verdict: Verdict;
  /** Null when it could not be measured. */
  value: number | null;
  unit: Unit;
  /** In words: "warning from 80 %, critical from 95 %". */
  threshold: string;
  /** One sentence: what was found, or why nothing could be. */
  finding: string;
  /** What to do, where something is to be done. */
  fix: string | null;
  evidence: Evidence | null;
  sql: string;
  /** ISO 8601: when the server was asked. */
  asOf: string;
  /** ISO 8601: for rates, the start of the interval. */
  since: string | null;
}

export interface DatabaseHealth {
  databaseId: string;
  name: string;
  serverName: string | null;
  version: string;
  verdict: Verdict;
  checks: Check[];
}

export interface SilentDatabase {
  databaseId: string;
  name: string;
  reason: string;
}

export interface FleetHealth {
  databases: DatabaseHealth[];
  silent: SilentDatabase[];
  asOf: string;
}

export const healthQuery = z.object({
  database: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.union([z.uuid(), z.literal("console")]).optional(),
  ),
});
