import { z } from "zod";
import { auditFilter, type EntryActor, type Silent } from "../../audit/contract.ts";
import type { Part } from "../../audit/story-sentence.ts";

/** The filter is the audit's own, in the same language: an entry of a deletion is an entry. */
export const deletionsQuery = auditFilter.extend({ cursor: z.string().max(2000).optional() });

export const oneDeletion = z.object({
  database: z.uuid(),
  transaction: z.string().regex(/^\d{1,20}$/),
  /** A time less than a day away from it, which makes the answer quick. */
  near: z.iso.datetime({ precision: 6 }).optional().catch(undefined),
});
export type OneDeletion = z.infer<typeof oneDeletion>;

export const deletionRowsQuery = oneDeletion.extend({ cursor: z.string().max(2000).optional() });

/** hard: the row is gone from its table. soft: it is still there, marked as deleted. */
export type DeletionKind = "hard" | "soft";

export interface DeletionTable {
  schema: string | null;
  table: string | null;
  /** The tenant's key, as the application writes it. */
  tenant: string | null;
  kind: DeletionKind;
  rows: number;
}

/** What one transaction removed or marked as deleted, as a list shows it. */
export interface Deletion {
  database: string;
  databaseName: string;
  transaction: string;
  /** Time and id of its newest entry: ISO 8601, UTC, microseconds. */
  at: string;
  entry: string;
  actor: EntryActor;
  ip: string | null;
  request: string | null;
  reason: string | null;
  /** "Ada Lovelace deleted 1 order and 3 payments of Acme". */
  parts: Part[];
  sentence: string;
  tables: DeletionTable[];
  /** At most as many as were counted; `more` says that there are others. */
  rows: number;
  more: boolean;
  /** How many of its rows are deleted still; null where there are too many to look at each. */
  open: number | null;
  /** Where tenants that have moved since live, a sentence each: what came back there is not deleted any more. */
  lives: string[];
  /** When the first of its marked rows may be purged; null where none is marked. */
  purgeAt: string | null;
  /** How sure this is, in one sentence. */
  evidence: string;
}

export interface DeletionPage {
  rows: Deletion[];
  next: string | null;
  silent: Silent[];
}

export type RowState = "deleted" | "back" | "removed";

/** One row of a deletion. */
export interface DeletionRow {
  database: string;
  transaction: string;
  /** The audit entry that removed or marked it. */
  entry: string;
  at: string;
  kind: DeletionKind;
  schema: string | null;
  table: string | null;
  record: string | null;
  /** What it was called, unless that is masked. */
  label: string | null;
  tenant: string | null;
  /** deleted: as the deletion left it. back: live again. removed: it was marked, and has been removed for good since. */
  state: RowState;
}

const name = z.string().min(1).max(63);

export const unrecordedFilter = z.object({
  database: z.uuid().optional(),
  tenant: z.string().min(1).max(400).optional(),
  schema: name.optional(),
  table: name.optional(),
});
export type UnrecordedFilter = z.infer<typeof unrecordedFilter>;

export const unrecordedQuery = unrecordedFilter.extend({ cursor: z.string().max(2000).optional() });

/** Rows that went from a table while its writes were not recorded: nobody knows which, and nothing here can bring them back. */
export interface UnrecordedDeletion {
  id: string;
  database: string;
  databaseName: string;
  schema: string;
  table: string;
  /** Digits. At most so many, since rows of transactions that were rolled back are counted too. */
  rows: string;
  /** The counts began anew in between, so that there may have been more. */
  beganAnew: boolean;
  /** Null where nobody knows since when PostgreSQL counts. ISO 8601, as below. */
  since: string | null;
  until: string;
  /** The backup that holds most of them, where there is one. */
  backup: HoldingBackup | null;
}

export interface HoldingBackup {
  id: string;
  startedAt: string;
  /** It is older than all of it; else it holds only what went after it. */
  older: boolean;
}
