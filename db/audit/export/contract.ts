import { z } from "zod";
import type { JobView } from "../../jobs/contract.ts";

export const exportFormats = ["csv", "ndjson", "ocsf", "parquet"] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** The columns of the log, in the order in which every format has them. The first two say which entry it is. */
export const exportColumns = [
  "id",
  "created_at",
  "transaction_id",
  "action",
  "resource_schema",
  "resource_type",
  "resource_id",
  "tenant_id",
  "user_id",
  "request_id",
  "ip_address",
  "user_agent",
  "old_values",
  "new_values",
  "changes",
  "metadata",
] as const;

export type ExportColumn = (typeof exportColumns)[number];

/** Without these an entry could not be told from another. */
const fixedColumns: readonly ExportColumn[] = ["id", "created_at"];

/** What may be left out of an export. */
export const optionalColumns = exportColumns.filter((column) => !fixedColumns.includes(column));

const columnList = z
  .union([z.enum(exportColumns), z.array(z.enum(exportColumns))])
  .transform((given) => [given].flat())
  .default([...exportColumns])
  .transform((given) => exportColumns.filter((column) => fixedColumns.includes(column) || given.includes(column)));

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

export const exportRequest = z.object({
  /** The filter, as the search params of the audit page: what the export holds is what the page shows. */
  query: z.string().max(8_000).default(""),
  format: z.enum(exportFormats),
  columns: columnList,
  zone: z
    .string()
    .max(64)
    .refine(isZone, "This is no time zone that we know: try UTC or Europe/Berlin.")
    .default("UTC"),
  keepDays: z.coerce.number().int().min(1).max(90).default(7),
  /** For CSV: the same entries as NDJSON too, in a file beside it. */
  withNdjson: z.union([z.boolean(), z.stringbool()]).default(false),
  /** For NDJSON with every column: the proof that `bin/verify` checks the file with, beside it. */
  withProofs: z.union([z.boolean(), z.stringbool()]).default(false),
});

export type ExportRequest = z.infer<typeof exportRequest>;

export const exportReference = z.object({ id: z.uuid() });

/** The files of an export; NDJSON only beside CSV and a proof only beside NDJSON, where they were asked for. */
const exportParts = ["data", "manifest", "ndjson", "ndjson-manifest", "proof"] as const;

export type ExportPart = (typeof exportParts)[number];

export const exportPart = z.enum(exportParts).default("data");

export const exportDownload = z.object({ id: z.uuid(), part: exportPart });

export type ExportDownload = z.infer<typeof exportDownload>;

export const issueLink = z.object({
  id: z.uuid(),
  hours: z.coerce.number().int().min(1).max(168),
  note: z.string().trim().min(1, "Say for whom it is.").max(200),
});

export type IssueLink = z.infer<typeof issueLink>;

export const revokeLink = z.object({ linkId: z.uuid() });

export const exportList = z.object({ cursor: z.string().max(500).optional() });

/** An entry's place in its database's log. */
export interface EntryKey {
  created_at: string;
  id: string;
}

/** What one database gave to an export. */
export interface ManifestDatabase {
  id: string;
  name: string;
  rows: string;
  first: EntryKey | null;
  last: EntryKey | null;
  /** Which transactions count: those that PostgreSQL says had committed in this snapshot. Empty for a database that left. */
  snapshot: string;
}

/** The same entries as NDJSON, from the same snapshots, with a manifest of its own. */
export const besideFile = z.object({ file: z.string(), bytes: z.number(), sha256: z.string() });

export type BesideFile = z.infer<typeof besideFile>;

/** What ties the file's entries to a signed checkpoint (docs/audit-proof.md). */
export const proofFile = z.object({ file: z.string(), bytes: z.number(), sha256: z.string(), entries: z.number() });

export type ProofFile = z.infer<typeof proofFile>;

/** What stands beside an export, as <file>.manifest.json. */
export interface Manifest {
  manifest: 1;
  export: string;
  file: string;
  format: ExportFormat;
  columns: ExportColumn[];
  /** Whether nothing of an entry is left out or rewritten. */
  lossless: boolean;
  zone: string;
  filter: string;
  order: "created_at, id within each database";
  rows: string;
  bytes: number;
  sha256: string;
  databases: ManifestDatabase[];
  /** Only of a CSV export that was to have it. */
  beside?: BesideFile;
  /** Only of an NDJSON export that was to have it. */
  proof?: ProofFile;
  requested: { at: string; by: string; id: string | null };
  completed: string;
}

/** One export as screens see it. Times are ISO 8601, numbers that may be large are digits. */
export interface ExportView {
  id: string;
  state: "queued" | "running" | "ready" | "expired" | "failed" | "cancelled";
  format: ExportFormat;
  columns: ExportColumn[];
  zone: string;
  query: string;
  keepDays: number;
  estimate: string;
  actorName: string;
  requestedAt: string;
  readyAt: string | null;
  expiresAt: string | null;
  /** The file's name, without its place. */
  file: string | null;
  rows: string | null;
  bytes: string | null;
  sha256: string | null;
}

export interface ExportLink {
  id: string;
  note: string;
  issuedBy: string;
  issuedAt: string;
  expiresAt: string;
  state: "open" | "expired" | "revoked";
}

export interface ExportDetail extends ExportView {
  manifest: Manifest | null;
  links: ExportLink[];
  job: JobView;
}

/** What an export would hold, guessed before anything is written. */
export interface ExportEstimate {
  /** In PostgreSQL and in the archive. */
  rows: number;
  databases: EstimatedDatabase[];
  silent: { databaseId: string; name: string; reason: string }[];
}

export interface EstimatedDatabase {
  id: string;
  name: string;
  /** In PostgreSQL, as its planner guesses. */
  rows: number;
  /** All that archived months hold which can hold an answer: no less than what matches there. */
  archived: number;
}
