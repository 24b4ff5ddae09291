import { archivedColumns } from "./columns.ts";
import type { Summary } from "./parquet.ts";

/**
 * What lies beside every archived month, so that the archive explains itself when no console is left to ask. Format 1. The file
 * is Parquet with zstd; `contentSha256` is over the entries as PostgreSQL prints them (docs/audit.md, Retention and archive).
 */
export interface Manifest extends Summary {
  format: "caretaker-audit-archive/1";
  databaseId: string;
  databaseName: string;
  month: string;
  file: string;
  bytes: number;
  sha256: string;
  contentSha256: string;
  columns: { name: string; type: string }[];
  /** The signed checkpoint that covers these entries, when the log is sealed. */
  seal: Record<string, unknown> | null;
  /** What this file stands for, when entries were removed from an earlier one. */
  replaces: { sha256: string; rows: string; why: string } | null;
  writtenAt: string;
}

export function manifestOf(
  parts: Omit<Manifest, "format" | "columns" | "writtenAt">,
  writtenAt = new Date().toISOString(),
): Manifest {
  return { format: "caretaker-audit-archive/1", ...parts, columns: [...archivedColumns], writtenAt };
}
