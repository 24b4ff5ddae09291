// An entry's canonical bytes: one line of JSON in UTF-8, without its line feed, keys in the order of `canonicalColumns`, as
// PostgreSQL's row_to_json prints them. docs/audit-proof.md defines them and holds test vectors; changing one breaks every proof.
// The lossless NDJSON export consists of exactly these lines, so that an export is checked by hashing what it holds.

const moment = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Every stored column and how it is printed. Numbers are text: JSON readers lose digits of 64-bit integers. */
const printed = {
  id: "audit_logs.id::text",
  created_at: moment,
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

const embedded: ReadonlySet<CanonicalColumn> = new Set(["old_values", "new_values", "changes", "metadata"]);

/** A SELECT list over `caretaker.audit_logs` (under that name): one column a key, as they stand in the line. */
export const canonicalSelect = Object.entries(printed)
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

/** Values as the line holds them; the four JSON columns as JSON text exactly as PostgreSQL prints it. */
export type CanonicalValues = Record<CanonicalColumn, string | null>;

/** The same line from values that were kept elsewhere, such as an archived month. */
export function canonicalLine(values: CanonicalValues): string {
  const members = canonicalColumns.map((name) => {
    const value = values[name];
    return `"${name}":${value !== null && embedded.has(name) ? value : JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}`;
}
