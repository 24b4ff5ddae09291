import type { ExportColumn } from "./contract.ts";

// Spreadsheets take a cell that begins so for a formula: = + - @, tab, line feed, carriage return, and the full-width forms of
// the first four (OWASP, "CSV Injection"). An apostrophe before it makes it text.
const starts = [61, 43, 45, 64, 9, 10, 13, 65309, 65291, 65293, 65312].join(", ");

/** Nearly every cell begins with a letter: the range spares it the list, which costs a quarter of the whole line. */
const safe = (column: string) =>
  `CASE WHEN ascii(${column}) NOT BETWEEN 65 AND 65279 AND ascii(${column}) IN (${starts}) THEN '''' || ${column} ELSE ${column} END`;

/** Numbers, times, addresses and JSON objects never begin like a formula. */
const printed: Record<ExportColumn, string> = {
  id: "audit_logs.id",
  created_at: `to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM')`,
  transaction_id: "transaction_id",
  action: safe("action"),
  resource_schema: safe("resource_schema"),
  resource_type: safe("resource_type"),
  resource_id: safe("resource_id"),
  tenant_id: safe("tenant_id"),
  user_id: safe("user_id"),
  request_id: safe("request_id"),
  ip_address: "host(ip_address)",
  user_agent: safe("user_agent"),
  old_values: "old_values",
  new_values: "new_values",
  changes: "changes",
  metadata: "metadata",
};

/** What COPY prints as CSV, times in the session's zone. `name` is the database's, quoted as SQL text. */
export function csvSelect(columns: readonly ExportColumn[], name: string): string {
  return [...columns.map((column) => printed[column]), safe(name)].join(", ");
}

export const csvCopyOptions = "(FORMAT csv)";

export function csvHead(columns: readonly ExportColumn[]): string {
  return `${[...columns, "database"].join(",")}\n`;
}

/** The last record: its first cell says how the file ends, the others are empty, so that every record has as many. */
export function csvEnd(
  columns: readonly ExportColumn[],
  end: { export: string; rows: string; sha256: string },
): string {
  return `#end export=${end.export} rows=${end.rows} sha256=${end.sha256}${",".repeat(columns.length)}\n`;
}

/** For Parquet: every column exactly as it is stored. The name is quoted as SQL text. */
export function rawSelect(columns: readonly ExportColumn[], name: string): string {
  const plain = columns.map((column) => {
    if (column === "id") return "audit_logs.id";
    if (column === "created_at") return `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
    return column;
  });
  return [...plain, name].join(", ");
}
