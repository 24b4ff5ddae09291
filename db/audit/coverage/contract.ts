import { z } from "zod";

// What the coverage screen, its command and the verbs behind them agree on.

/** How one table of a database stands with the log, worst first. */
export const coverageStates = ["off", "missing", "new", "drifted", "left_out", "recorded"] as const;
export type CoverageState = (typeof coverageStates)[number];

export interface CoveredTable {
  schema: string;
  name: string;
  state: CoverageState;
  /** Why it stands so, in one sentence. */
  why: string;
  /** Columns kept as hashes, and columns whose changes alone make no entry. */
  masked: string[];
  ignored: string[];
  /** Columns of a recorded table of which nobody has said what they hold. */
  unclassified: UnclassifiedColumn[];
}

const columnClassNames = ["plain", "personal", "secret"] as const;
export type ColumnClass = (typeof columnClassNames)[number];

export interface UnclassifiedColumn {
  name: string;
  type: string;
  /** What its name suggests. */
  suggested: ColumnClass;
}

/** What one table, or the application's events together, add to the log. */
export interface TableVolume {
  /** Null for events, which belong to no table. */
  schema: string | null;
  table: string | null;
  entriesPerDay: number;
  /** With its part of the indexes. */
  bytesPerDay: number;
}

export interface Volume {
  /** How many days were looked at; fewer than seven in a young log. */
  days: number;
  /** False when it was counted from a sample of the log's pages. */
  exact: boolean;
  entries: number;
  /** Bytes of the whole log on disk. */
  bytesTotal: string;
  tables: TableVolume[];
}

/** Entries of whom nobody knows who made them, by what the database knew of the connection. */
export interface UnknownActor {
  role: string | null;
  application: string | null;
  entries: number;
  newest: string;
}

export interface UnknownActors {
  days: number;
  entries: number;
  /** False when it was counted from a sample of the log's pages. */
  exact: boolean;
  /** Those with the most entries. */
  groups: UnknownActor[];
}

/** Entries of a month that had no partition of its own. */
export interface StrayEntries {
  entries: number;
  capped: boolean;
  oldest: string | null;
  newest: string | null;
}

/** What recording cost one table's writes, as PostgreSQL measured it. */
export interface WriteCost {
  schema: string;
  table: string;
  statements: number;
  microsecondsPerStatement: number;
  seconds: number;
}

export interface WriteCosts {
  /** track_functions as new sessions get it. */
  tracking: "none" | "pl" | "all";
  /** Since when; null when the counters were never reset. */
  since: string | null;
  /** What switches it on, where it is off. */
  statement: string;
  tables: WriteCost[];
}

/** A column that changes with nearly every write and tells nothing by itself. */
export interface NoisyColumn {
  schema: string;
  table: string;
  column: string;
  type: string;
  /** Updates that were looked at, the newest ones; how many changed this column, and how many changed nothing else of worth. */
  updates: number;
  changed: number;
  alone: number;
}

const name = z.string().min(1).max(63);
const oneColumn = z.object({ schema: name, table: name, column: name });

/** A form sends lists as one field of JSON. */
const fromText = (value: unknown, context: z.RefinementCtx): unknown => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    context.addIssue({ code: "custom", message: "The list is damaged." });
    return z.NEVER;
  }
};

export const leaveOutInput = z.object({
  databaseId: z.uuid(),
  columns: z.preprocess(fromText, z.array(oneColumn).min(1, "Choose a column.").max(500)),
});
export type LeaveOut = z.infer<typeof leaveOutInput>;

export const classifyInput = z.object({
  databaseId: z.uuid(),
  columns: z.preprocess(
    fromText,
    z
      .array(oneColumn.extend({ class: z.enum(columnClassNames) }))
      .min(1, "Choose a column.")
      .max(2_000),
  ),
});
export type Classify = z.infer<typeof classifyInput>;

/** "schema.table", as people write it. */
export function tableName({ schema, name }: { schema: string; name: string }): string {
  return schema === "public" ? name : `${schema}.${name}`;
}
