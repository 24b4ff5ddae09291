import type { StatusKind } from "#components/feedback/status.tsx";
import type { ExportFormat, ExportView } from "#db/audit/export/contract.ts";

export const stateKinds: Record<ExportView["state"], StatusKind> = {
  queued: "neutral",
  running: "neutral",
  ready: "good",
  expired: "unknown",
  failed: "critical",
  cancelled: "warning",
};

export const formatNames: Record<ExportFormat, string> = {
  ndjson: "NDJSON",
  csv: "CSV",
  parquet: "Parquet",
  ocsf: "OCSF 1.3",
};

/** What each format is good for, where one is chosen. */
export const formatChoices: { value: ExportFormat; label: string; hint: string }[] = [
  { value: "ndjson", label: formatNames.ndjson, hint: "Every stored value exactly; what proofs are checked against." },
  {
    value: "csv",
    label: formatNames.csv,
    hint: "For spreadsheets; cells that begin like a formula get an apostrophe.",
  },
  {
    value: "parquet",
    label: formatNames.parquet,
    hint: "Every stored value exactly, small, for DuckDB and warehouses.",
  },
  {
    value: "ocsf",
    label: formatNames.ocsf,
    hint: "For a SIEM: Datastore Activity (6005), events as API Activity (6003).",
  },
];
