import { z } from "zod";
import { consentSchema } from "../../approvals/contract.ts";
import { type Choice, choices, noChoices, type Offer, parseJson } from "./choices.ts";
import { restoreFrom } from "./from.ts";
import type { ProblemCode } from "./problem-codes.ts";

export * from "./choices.ts";
export * from "./from.ts";
export * from "./problem-codes.ts";

/** Rows that one transaction writes; more are written in chunks, by a job. */
export const rowsAtOnce = 10_000;

/** A plan takes no more rows than this. */
export const rowsInPlan = 250_000;

/** What support may restore alone, and only rows without any problem. */
export const rowsForSupport = 100;

const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
const tableName = z
  .string()
  .max(127)
  .regex(/^[^.]+\..+$/, "Give schema and table: public.orders.");

export const planRestoreInput = restoreFrom.safeExtend({
  /** With what went in the same transaction and hangs from the rows. */
  children: flag.default(true),
  /** With rows that pointed to the restored ones until the deletion took the pointer from them: they point to them again. */
  links: flag.default(true),
  /** Tables whose rows stay deleted: "public.comments". */
  leave: z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    z.array(tableName).max(100).default([]),
  ),
  choices: choices.default(noChoices),
});
export type PlanRestore = z.infer<typeof planRestoreInput>;

const hash = z.string().regex(/^[0-9a-f]{64}$/, "is not the hash of a plan");

/** A plan that was shown before, by its hash: it is made anew from the same input. */
export const planReference = z.object({ plan: hash });

/** What of a plan is looked at closely. */
export const planLook = z.object({
  /** "public.orders": its rows, fifty at a time. */
  table: tableName.optional().catch(undefined),
  after: z.coerce.number().int().nonnegative().optional().catch(undefined),
  /** A row's key: its fields. */
  look: z.string().max(2_300).optional().catch(undefined),
});
export type PlanLook = z.infer<typeof planLook>;

/** Changes what was chosen for a plan that was shown. A form sends lists as JSON. */
export const chooseInput = z.object({
  plan: hash,
  choices: choices.optional(),
  children: flag.optional(),
  links: flag.optional(),
  leave: z.union([z.string().max(20_000).transform(parseJson).pipe(z.array(tableName)), z.array(tableName)]).optional(),
});
export type ChooseRestore = z.infer<typeof chooseInput>;

export const runRestoreInput = planReference.extend(consentSchema.shape);
export type RunRestore = z.infer<typeof runRestoreInput>;

export type RowStatus = ProblemCode | "clean" | "skipped";

export interface ProblemRow {
  /** The row's key, by which choices name it. */
  row: string;
  record: string | null;
  label: string | null;
  /** What stands in the way, in one sentence. */
  message: string;
  /** The live row or the parent that it is about. */
  about: { database: string; schema: string; table: string; record: string | null; entry: string | null } | null;
  /** The tenant whose rows can be planned by themselves, for where it lives now. */
  mover: string | null;
  /** A free value, for "rename" and "swap". */
  proposed: string | null;
  offers: Offer[];
  choice: Choice | null;
  settled: boolean;
}

/** All problems of one sort, for which one choice may be made. */
export interface ProblemKind {
  /** `code:schema.table:subject`. */
  key: string;
  code: ProblemCode;
  schema: string;
  table: string;
  /** A column, a constraint, or "row". */
  subject: string;
  columns: string[];
  /** What it means, in one sentence. */
  message: string;
  rows: number;
  open: number;
  /** What every row of it offers. */
  offers: Offer[];
  choice: Choice | null;
  /** The first of its rows, open ones before others. */
  examples: ProblemRow[];
}

export interface PlannedTable {
  schema: string;
  name: string;
  /** Rows of the plan, whatever becomes of them. */
  rows: number;
  /** To be inserted, changed or removed. */
  writes: number;
  /** With a problem that is open. */
  open: number;
  live: number;
  skipped: number;
  /** Of those that are written: they pointed to a deleted row, and would again. */
  links: number;
}

export interface PlannedRow {
  row: string;
  record: string | null;
  label: string | null;
  /** asked for, a child of the same deletion, a parent, a live row that gives way … */
  origin: RowOrigin;
  act: "insert" | "update" | "delete";
  status: RowStatus;
  entry: string | null;
}

export type RowOrigin = "asked" | "child" | "parent" | "yields" | "link" | "version" | "undo";

/** One field of a row as it will be written; values are JSON as PostgreSQL prints it. */
export interface RestoreField {
  name: string;
  type: string;
  /** As it was; null where the image has no such column. */
  was: string | null;
  /** As it stands now; null for a row that is not there. */
  stands: string | null;
  /** As it will be; null where it is not written. */
  will: string | null;
  /** Why it differs, where it does. */
  note: string | null;
}

export interface PlanStatement {
  sql: string;
  object: string;
  lock: string;
  why: string;
  transactional: boolean;
}

export interface RestorePlan {
  what: "restore" | "version" | "undo";
  /** Where it is written. */
  database: string;
  databaseName: string;
  /** What it is about, for people: "deletion 4711", "users 7". */
  subject: string;
  input: PlanRestore;
  hash: string;
  /** clean: it can run. open: problems are left. nothing: there is nothing to write. */
  status: "clean" | "open" | "nothing";
  /** Rows that are written. */
  writes: number;
  tables: PlannedTable[];
  problems: ProblemKind[];
  statements: PlanStatement[];
  /** What else to know before agreeing to it. */
  notes: string[];
  /** The tenant's key, where all rows belong to one. */
  tenant: string | null;
  /** Why this person needs somebody else's approval; null when they may run it alone. */
  approval: string | null;
  /** Whether it is written in one transaction, or in chunks by a job. */
  chunks: number;
  /** What was asked to be looked at closely. */
  look: { table: string | null; rows: PlannedRow[]; next: number | null; fields: RestoreField[] | null };
  /** What changed since the plan was shown under the hash that was asked for; empty when nothing did. */
  changed: string[];
}

/** What running came to: written at once, or begun as a job. */
export interface RestoreResult {
  restore: string;
  job: string | null;
}

export type RestoreState = "running" | "done" | "partial" | "failed";

/** One restore as a list shows it. Times are ISO 8601 text. */
export interface RestoreRecord {
  id: string;
  what: RestorePlan["what"];
  /** Where it was written. */
  database: string;
  databaseName: string;
  /** The database in whose log the rows were, where their tenant had moved since. */
  recordedIn: string | null;
  subject: string;
  reason: string | null;
  state: RestoreState;
  actorName: string;
  planned: number;
  written: number | null;
  /** Exactly as they were; as they were but for what a choice changed; changed by the application's own triggers. */
  exact: number | null;
  chosen: number | null;
  differing: number | null;
  planHash: string;
  job: string | null;
  undoOf: string | null;
  /** The restore that took this one back, or takes it back now. */
  undoneBy: string | null;
  error: string | null;
  startedAt: string;
  finishedAt: string | null;
}

/** The receipt of one row. Hashes are SHA-256 in hexadecimal, of the columns that no choice changed. */
export interface RestoredRow {
  n: number;
  act: PlannedRow["act"];
  origin: RowOrigin;
  schema: string;
  table: string;
  record: string | null;
  entry: string | null;
  /** As it was, as it stands after the restore; null for a row that was taken out. */
  before: string | null;
  after: string | null;
  /** Columns that a choice changed, and columns that the application's triggers changed. */
  changed: string[];
  differing: string[];
  doneAt: string | null;
  undoneAt: string | null;
}

export interface RestoreReport extends RestoreRecord {
  tables: {
    schema: string;
    name: string;
    written: number;
    exact: number;
    chosen: number;
    differing: number;
    undone: number;
  }[];
  rows: RestoredRow[];
  next: number | null;
  /** Until when it can be taken back; null when it cannot. */
  undoUntil: string | null;
}

export const restoreReference = z.object({ id: z.uuid() });

export const reportQuery = restoreReference.extend({
  after: z.coerce.number().int().nonnegative().optional().catch(undefined),
});
export type ReportQuery = z.infer<typeof reportQuery>;

export const exportQuery = restoreReference.extend({ format: z.enum(["csv", "json"]).default("csv") });
export type ExportReport = z.infer<typeof exportQuery>;

export const restoresQuery = z.object({
  database: z.uuid().optional().catch(undefined),
  cursor: z.string().max(2_000).optional(),
});
export type RestoresQuery = z.infer<typeof restoresQuery>;
