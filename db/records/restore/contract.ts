import { z } from "zod";
import { restoreFrom } from "./from.ts";

export * from "./from.ts";

/** What to write into a column that cannot be written as it was: NULL, or the column's own default. */
const chosen = z.record(z.string().max(63), z.enum(["null", "skip"]));
export type Choices = z.infer<typeof chosen>;

/** A form sends them as JSON. */
const choices = z.union([chosen, z.string().max(20_000).transform(parseJson).pipe(chosen)]);

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "is not JSON" });
    return z.NEVER;
  }
}

export const planRestoreInput = restoreFrom.safeExtend({ choices: choices.default({}) });
export type PlanRestore = z.infer<typeof planRestoreInput>;

export const runRestoreInput = planRestoreInput.safeExtend({
  planHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Kept in the audit entry. */
  reason: z.string().trim().max(500).default(""),
});
export type RunRestore = z.infer<typeof runRestoreInput>;

export type ProblemCode =
  | "already_live"
  | "unique_clash"
  | "parent_missing"
  | "parent_deleted"
  | "column_gone"
  | "type_changed"
  | "masked"
  | "capped"
  | "required"
  | "check_failed"
  | "table_gone";

export interface RestoreProblem {
  code: ProblemCode;
  /** What stands in the way, and what would help. */
  message: string;
  columns: string[];
  /** What may be chosen for the columns; none means that it cannot be chosen away. */
  choices: ("null" | "skip")[];
  /** Whether a choice, or the nature of the problem, lets the restore run all the same. */
  settled: boolean;
  /** The live row or the deleted parent that it is about. */
  about: { schema: string; table: string; record: string | null; entry: string | null } | null;
}

/** One field of the row as it will be written; values are JSON as PostgreSQL prints it. */
export interface RestoreField {
  name: string;
  type: string;
  /** As it was; null where the image has no such column. */
  was: string | null;
  /** As it will be; null where the database fills it in. */
  will: string | null;
  /** Why it differs, where it does. */
  note: string | null;
}

export interface RestorePlan {
  database: string;
  databaseName: string;
  kind: "hard" | "soft";
  /** The audit entry that a hard deletion is restored from. */
  entry: string | null;
  schema: string;
  table: string;
  record: string | null;
  /** The first problem that is not settled; clean when there is none. */
  status: "clean" | ProblemCode;
  problems: RestoreProblem[];
  fields: RestoreField[];
  /** The statement that will run, with its lock and why. */
  statement: { sql: string; object: string; lock: string; why: string; transactional: boolean };
  tenant: string | null;
  choices: Choices;
  hash: string;
}

export interface RestoreResult {
  database: string;
  schema: string;
  table: string;
  record: string | null;
  /** The audit entry that records the restore. */
  entry: string | null;
  /** SHA-256 of the row image as planned and of the row as it stands now. */
  plannedHash: string;
  rowHash: string;
  /** Whether they agree. */
  proven: boolean;
  /** Fields that came out otherwise than planned, because the table's own triggers changed them. */
  differing: string[];
}
