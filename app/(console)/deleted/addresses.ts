import type { DeletedRow } from "#db/records/contract.ts";

/** The plan of bringing one row back: by the entry that deleted it, or by the address of a row that is only marked. */
export function restoreHref(
  row: Pick<DeletedRow, "database" | "kind" | "entry" | "schema" | "table" | "record">,
): string {
  const { database, kind, entry, schema, table, record } = row;
  const target: Record<string, string> =
    kind === "hard" ? { database, entry: entry ?? "" } : { database, schema, table, record: record ?? "" };
  return `/deleted/restore?${new URLSearchParams(target)}`;
}
