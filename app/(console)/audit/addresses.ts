import type { AuditEntry } from "#db/audit/contract.ts";

export function entryHref(entry: Pick<AuditEntry, "database" | "id">): string {
  return `/audit/${entry.database}/${entry.id}`;
}

/** The history of one record; null where the entry names none. */
export function recordHref(entry: Pick<AuditEntry, "database" | "schema" | "table" | "record">): string | null {
  const { database, schema, table, record } = entry;
  if (schema === null || table === null || record === null) return null;
  return `/audit/record?${new URLSearchParams({ database, schema, table, key: record })}`;
}

/** The log narrowed to one value. */
export function auditHref(filter: Record<string, string>): string {
  return `/audit?${new URLSearchParams(filter)}`;
}
