import type { DeletedRow } from "#db/records/contract.ts";
import { fromQuery, type RestoreFrom } from "#db/records/restore/contract.ts";

/** The plan of a restore, by what it starts from. @public */
export function planHref(from: RestoreFrom): string {
  return `/deleted/restore?${fromQuery(from)}`;
}

/** The plan of bringing one row back: by the entry that deleted it, or by the address of a row that is only marked. */
export function restoreHref(
  row: Pick<DeletedRow, "database" | "kind" | "entry" | "schema" | "table" | "record">,
): string {
  const { database, kind, entry, schema, table, record } = row;
  return planHref(
    kind === "hard" ? { database, entry: entry ?? "" } : { database, schema, table, record: record ?? "" },
  );
}
