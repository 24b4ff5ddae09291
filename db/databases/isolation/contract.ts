// What the isolation check finds, as it is kept, shown and printed. Types alone, so that screens may import it.

export type Verb =
  | "select"
  | "copy out"
  | "insert"
  | "insert returning"
  | "upsert"
  | "copy in"
  | "update"
  | "move"
  | "delete"
  | "truncate"
  | "call";

/**
 * held: a policy or a missing privilege stopped it. leaked: one tenant reached another. unproven: it ended in something else, so
 * nothing is known. skipped: it was not tried, and `detail` says why.
 */
export type Outcome = "held" | "leaked" | "unproven" | "skipped";

export interface Attempt {
  verb: Verb;
  /** Who the session says it is: "tenant 1", "no setting", "an empty setting" … */
  session: string;
  outcome: Outcome;
  detail: string;
  /** A script for psql that shows the same and leaves nothing behind. */
  shows: string;
}

export type RelationKind = "table" | "partition" | "view" | "materialized view" | "function";

export type RelationVerdict = "leaks" | "unproven" | "proven" | "unprotected";

export interface RelationResult {
  schema: string;
  name: string;
  kind: RelationKind;
  verdict: RelationVerdict;
  /** One sentence. */
  detail: string;
  attempts: Attempt[];
}

/** critical: one tenant reaches another. warning: something weakens the separation. note: good to know. */
export type Severity = "critical" | "warning" | "note";

export interface Finding {
  /** What it is, whatever its state: the same finding of a later check has the same key. */
  key: string;
  kind: string;
  severity: Severity;
  schema: string;
  /** The relation, or empty for the whole database. */
  name: string;
  what: string;
  why: string;
  /** The statement that shows it, where there is one. */
  shows: string | null;
  /** SQL that mends it, as far as the check knows the schema. */
  mends: string | null;
  /** Where the rule comes from. */
  source: string;
  /** Changes when what was found changes, so that an acceptance of the earlier state no longer covers it. */
  evidence: string;
}

export interface CheckReport {
  role: string;
  relations: RelationResult[];
  findings: Finding[];
  /** What was not tried, and why. */
  limits: string[];
}

export interface Acceptance {
  id: string;
  reason: string;
  acceptedBy: string;
  acceptedAt: string;
}

/** A kept finding, with whoever accepted exactly this state of it. */
export interface KeptFinding extends Finding {
  acceptance: Acceptance | null;
  /** It had been accepted in an earlier state, which changed since. */
  returned: boolean;
}

export interface IsolationRun {
  id: string;
  databaseId: string;
  state: "done" | "failed";
  role: string | null;
  startedAt: string;
  finishedAt: string;
  tables: number;
  leaking: number;
  unproven: number;
  unprotected: number;
  /** Findings that nobody accepted. */
  critical: number;
  warnings: number;
  error: string | null;
  fix: string | null;
  limits: string[];
}

/** A check is older than a day and a bit: the daily one did not come. */
export const staleHours = 26;
