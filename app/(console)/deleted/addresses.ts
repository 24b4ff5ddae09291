import type { Deletion, DeletionRow, UnrecordedFilter } from "#db/records/bin/contract.ts";
import type { DeletedRow } from "#db/records/contract.ts";
import type { RestoreFrom } from "#db/records/restore/contract.ts";

/** The plan of a restore, by what it starts from. */
export function planHref(from: RestoreFrom): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(from)) for (const one of [value ?? []].flat()) params.append(name, one);
  return `/deleted/restore?${params}`;
}

/** A plan that was shown, or what was chosen for one, by its hash; `more` says what of it to look at. */
export function shownPlanHref(plan: string, more: Record<string, string> = {}): string {
  return `/deleted/restore?${new URLSearchParams({ plan, ...more })}`;
}

/** The report of a restore. */
export function reportHref(restore: string): string {
  return `/deleted/restores/${restore}`;
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

/** One deletion with all of its rows. */
export function deletionHref({ database, transaction, at }: Pick<Deletion, "database" | "transaction" | "at">): string {
  return `/deleted/${database}/${transaction}?${new URLSearchParams({ near: at })}`;
}

/** How a selection names a row: by the entry that deleted it, or where it stands. */
export function rowRef({ kind, entry, schema, table, record }: DeletionRow): string {
  return kind === "hard" ? entry : `${schema}.${table}:${record}`;
}

/** What went from unrecorded tables. */
export function unrecordedHref(filter: UnrecordedFilter & { cursor?: string }): string {
  const given = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return `/deleted/unrecorded${query && `?${query}`}`;
}
