import { z } from "zod";
import type { EntryActor, Silent } from "../audit/contract.ts";
import { filterMoment } from "../audit/contract.ts";

const name = z.string().min(1).max(63);
const text = z.string().trim().min(1).max(400);

export const deletedFilter = z.object({
  database: z.uuid().optional(),
  tenant: text.optional(),
  schema: name.optional(),
  table: name.optional(),
  /** Who deleted; only hard-deleted rows can be found by it. */
  actor: text.optional(),
  /** The primary key's canonical text. */
  record: text.optional(),
  kind: z.enum(["hard", "soft"]).optional(),
  transaction: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  from: filterMoment.optional(),
  to: filterMoment.optional(),
});
export type DeletedFilter = z.infer<typeof deletedFilter>;

const deletedFields = Object.keys(deletedFilter.shape) as (keyof DeletedFilter)[];

/** Reads a filter from search params. What does not parse is left out and named, never an error. */
export function readDeletedFilter(params: Record<string, string | string[] | undefined>): {
  filter: DeletedFilter;
  dropped: string[];
} {
  const filter: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const field of deletedFields) {
    const value = params[field];
    if (value === undefined || value === "") continue;
    const parsed = deletedFilter.shape[field].safeParse(Array.isArray(value) ? value[0] : value);
    if (parsed.success) filter[field] = parsed.data;
    else dropped.push(field);
  }
  return { filter: deletedFilter.parse(filter), dropped };
}

/** The search params of a filter, in a stable order. */
export function deletedFilterQuery(filter: DeletedFilter): string {
  const params = new URLSearchParams();
  for (const field of deletedFields) {
    const value = filter[field];
    if (value !== undefined) params.set(field, value);
  }
  return params.toString();
}

export const deletedQuery = deletedFilter.extend({ cursor: z.string().max(2000).optional() });

/** A row that was deleted and is not live again. */
export interface DeletedRow {
  database: string;
  databaseName: string;
  /** hard: gone, known from the audit log. soft: still in its table, marked as deleted. */
  kind: "hard" | "soft";
  schema: string;
  table: string;
  /** The primary key's canonical text; null for a table without a key. */
  record: string | null;
  /** A name, title or the like, where the row has one that is not masked. */
  label: string | null;
  /** ISO 8601, UTC, microseconds; null for a flag without a time whose setting was not recorded. */
  at: string | null;
  actor: EntryActor | null;
  reason: string | null;
  tenant: string | null;
  /** The audit entry of the deletion, where there is one. */
  entry: string | null;
  transaction: string | null;
  /** How many rows the same transaction deleted, this one among them. */
  together: number;
  /** From when it may be purged; the table's grace period after the deletion. */
  purgeAt: string | null;
  /** How sure this is, in one sentence. */
  evidence: string;
}

export interface DeletedPage {
  rows: DeletedRow[];
  next: string | null;
  silent: Silent[];
}

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

const target = {
  database: z.uuid(),
  /** The audit entry of a hard deletion … */
  entry: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
  /** … or the address of a soft-deleted row. */
  schema: name.optional(),
  table: name.optional(),
  record: z.string().min(1).max(2000).optional(),
};

export const planRestoreInput = z.object({ ...target, choices: choices.default({}) });
export type PlanRestore = z.infer<typeof planRestoreInput>;

export const runRestoreInput = planRestoreInput.extend({
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
