// How an entry is written down for proofs, in two forms of the same values. The row is what is hashed: the columns as PostgreSQL's
// COPY prints them as text, in this order, with TimeZone UTC and DateStyle ISO, without the line feed. The line is the lossless
// export's JSON, from which the row can be told. docs/audit-proof.md defines both with test vectors; a change breaks every proof.

const utc = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Every stored column and how it is printed. Numbers are text: JSON readers lose digits of 64-bit integers. */
const printed = {
  id: "audit_logs.id::text",
  created_at: utc,
  transaction_id: "transaction_id::text",
  action: "action",
  resource_schema: "resource_schema",
  resource_type: "resource_type",
  resource_id: "resource_id",
  tenant_id: "tenant_id",
  user_id: "user_id",
  request_id: "request_id",
  ip_address: "ip_address::text",
  user_agent: "user_agent",
  old_values: "old_values",
  new_values: "new_values",
  changes: "changes",
  metadata: "metadata",
} as const;

export type CanonicalColumn = keyof typeof printed;

export const canonicalColumns = Object.keys(printed) as readonly CanonicalColumn[];

/** A SELECT list over `caretaker.audit_logs` (under that name): one column a key, as they stand in the line. */
const canonicalSelect = Object.entries(printed)
  .map(([name, expression]) => `${expression} AS ${name}`)
  .join(", ");

/** A query of one column `line`. `rest` is what follows FROM: `caretaker.audit_logs WHERE … ORDER BY …`. */
export function canonicalLinesSql(rest: string): string {
  return `SELECT row_to_json(entry)::text AS line FROM (SELECT ${canonicalSelect} FROM ${rest}) AS entry`;
}

/**
 * COPY options that print a one-column query's text unchanged, one value a line: JSON text holds no control characters, so that
 * nothing is ever quoted or escaped.
 */
export const canonicalCopyOptions = String.raw`(FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')`;

/** The statement that prints canonical rows. Its session needs `canonicalSettings`. `rest` follows FROM. */
export function canonicalCopySql(rest: string): string {
  const columns = canonicalColumns.map((name) => (name === "id" ? "audit_logs.id" : name)).join(", ");
  return `COPY (SELECT ${columns} FROM ${rest}) TO STDOUT`;
}

export const canonicalSettings =
  "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL client_encoding = 'UTF8'; SET LOCAL jit = off";

/** The columns whose values stand in the line as JSON that PostgreSQL printed, character by character. */
export const jsonColumns: ReadonlySet<string> = new Set(["old_values", "new_values", "changes", "metadata"]);
