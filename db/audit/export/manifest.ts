import {
  besideFile,
  type EntryKey,
  exportColumns,
  type Manifest,
  type ManifestDatabase,
  type ProofFile,
  proofFile,
} from "./contract.ts";
import type { ExportRow } from "./record.ts";

const endings = { csv: "csv", ndjson: "ndjson", ocsf: "ocsf.ndjson", parquet: "parquet" } as const;

/** "audit_20261122T101500Z_1a2b3c4d.ndjson" */
function nameOf({ id, format, requestedAt }: ExportRow): string {
  const stamp = new Date(requestedAt).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `audit_${stamp}_${id.slice(0, 8)}.${endings[format]}`;
}

interface Done {
  completed: string;
  bytes: number;
  sha256: string;
  rows: number;
  databases: ManifestDatabase[];
  /** Of the NDJSON beside it. */
  beside?: Manifest | undefined;
  proof?: Omit<ProofFile, "file"> | null;
}

export function manifestOf(row: ExportRow, done: Done): Manifest {
  const whole = row.columns.length === exportColumns.length;
  return {
    manifest: 1,
    export: row.id,
    file: nameOf(row),
    format: row.format,
    columns: row.columns,
    lossless: whole && (row.format === "ndjson" || row.format === "parquet"),
    zone: row.format === "csv" ? row.zone : "UTC",
    filter: row.query,
    order: "created_at, id within each database",
    rows: String(done.rows),
    bytes: done.bytes,
    sha256: done.sha256,
    databases: done.databases.map(inOrder),
    ...(done.beside && { beside: besideFile.parse(done.beside) }),
    ...(done.proof && { proof: proofFile.parse({ ...done.proof, file: `${nameOf(row)}.proof` }) }),
    requested: { at: new Date(row.requestedAt).toISOString(), by: row.actorName, id: row.staffId },
    completed: done.completed,
  };
}

/** A receipt that was read back has its keys in another order, and the same manifest must be the same text. */
function inOrder({ id, name, rows, first, last, snapshot }: ManifestDatabase): ManifestDatabase {
  return { id, name, rows, first: first && keyOf(first), last: last && keyOf(last), snapshot };
}

function keyOf({ created_at, id }: EntryKey): EntryKey {
  return { created_at, id };
}
