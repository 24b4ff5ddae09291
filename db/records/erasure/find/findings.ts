import type { KeyColumn } from "../../../managed/row-key.ts";
import type { FoundBackup, FoundPaper, NotReached } from "../contract.ts";

/** What a column's values are, as far as an erasure must know. */
export type ColumnKind =
  | "text"
  | "json"
  | "array"
  | "number"
  | "boolean"
  | "moment"
  | "inet"
  | "uuid"
  | "bytes"
  | "other";

export interface FoundColumn {
  name: string;
  type: string;
  kind: ColumnKind;
  nullable: boolean;
  /** Whether a unique index has it, and whether two NULLs clash there. */
  unique: boolean;
  nullsClash: boolean;
  /** It identifies the row, or others point at it: it can not be changed. */
  key: boolean;
  /** Letters that fit; null without a limit. */
  length: number | null;
}

export interface FoundRow {
  record: string;
  /** The columns that hold a personal value now, or one of the words. */
  columns: string[];
}

/** Rows of one table that name the person in one way. */
export interface FoundTable {
  key: string;
  kind: "own" | "path" | "column" | "text";
  schema: string;
  name: string;
  /** The foreign key's columns and the parent, of a path. */
  via: { columns: string[]; parent: string } | null;
  depth: number;
  columns: FoundColumn[];
  rows: FoundRow[];
  /** Keys of rows that a legal hold keeps. */
  held: string[];
  /** So many more rows hold personal values than a search takes up; none where that can not be told. */
  beyond: number;
  /** Entries of the log that hold these rows' personal values, but for held rows, which keep theirs. */
  entries: number;
}

/** Rows that hang from rows which were found: what a deletion would meet. */
export interface Edge {
  parent: string;
  child: { schema: string; name: string };
  columns: string[];
  nullable: boolean;
  onDelete: "nothing" | "restrict" | "cascade" | "set null" | "set default";
  /** Parent's key, child's key. */
  pairs: [string, string][];
  /** Whether there are more than were looked at. */
  more: boolean;
}

/** Entries of the log in which words were found whose rows do not hold them any more; without columns, copies of deleted rows. */
export interface FoundEntries {
  schema: string;
  table: string;
  columns: string[];
  records: string[];
}

export interface FoundExport {
  id: string;
  format: string;
  requestedAt: string;
  expiresAt: string;
}

export interface Findings {
  tables: FoundTable[];
  edges: Edge[];
  /** By "schema.name": the columns that tell a table's rows apart. */
  keys: Record<string, KeyColumn[]>;
  past: FoundEntries[];
  /** Entries that tell by which machine the person acted. */
  actor: { user: string; entries: number } | null;
  exports: FoundExport[];
  backups: FoundBackup[];
  papers: FoundPaper[];
  /** The keys of the tenants whose rows were found. */
  tenants: string[];
  notReached: NotReached[];
  /** All words that were looked for: those that were given, and the person's own addresses and numbers. */
  terms: string[];
}

/** What a search of the rows alone does not look at. */
export const nothingElse = { past: [], actor: null, exports: [], backups: [], papers: [] } satisfies Partial<Findings>;
