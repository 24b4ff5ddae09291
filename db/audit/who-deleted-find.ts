import { deletionColumns } from "../managed/sql/025-known-by.ts";
import type { EntryRow } from "./entry-row.ts";
import { byAge } from "./newest.ts";

/** What of the row the asked text was. */
export type Matched = "key" | "value" | "beginning" | "former";

/** An entry that took a row away, or marked it as deleted. */
export interface DeletionRow extends EntryRow {
  /** What the row was called, unless that is masked. */
  label: string | null;
  /** The column whose value was asked for. */
  field: string | null;
  /** A key that an update gave the row; the deletion is then to be looked for under it. */
  newKey: string | null;
  /** Whether the row went, or was marked; false where an update only took a name from it. */
  deletes: boolean;
  matched: Matched;
}

export interface Asked {
  text: string;
  tenantKeys: readonly string[] | null;
  /** Columns by which this database's tables mark rows as deleted, beyond the usual names. */
  softColumns: readonly string[];
}

/** Where deletions are looked for: the log of one database, or archived months of it. Newest first, as many as it was made for. */
export interface DeletionSource {
  /** Every entry about keys that can be a deletion; an update that changed the key leads on. */
  ofKeys(keys: readonly string[], matched: Matched): Promise<DeletionRow[]>;
  /** What is, or only begins, as the row was called when it went, or when a name was taken from it. */
  called(matched: "value" | "beginning"): Promise<DeletionRow[]>;
}

export interface FoundDeletions {
  deletions: DeletionRow[];
  /** Rows that were called so before, or had another key: what became of them is to be looked for under their keys. */
  former: DeletionRow[];
}

const looksLikeKey = /^(\d{1,20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\[.+\])$/i;
const shortestBeginning = 3;

/**
 * The newest deletions of what the text names: by key; by a value that the row was known by when it went, or was known by before;
 * and only where nothing is called so, by how such a value begins.
 */
export async function findDeletions(source: DeletionSource, text: string): Promise<FoundDeletions> {
  const byKey = await source.ofKeys([text, text.toLowerCase()], "key");
  if (byKey.some(({ deletes }) => deletes) && looksLikeKey.test(text)) return { deletions: among(byKey), former: [] };
  const found = [...byKey, ...(await source.called("value"))];
  const beginning = found.length === 0 && text.length >= shortestBeginning ? await source.called("beginning") : [];
  const known = new Set(found.filter(({ deletes }) => deletes).map(addressOf));
  const former = [...found, ...beginning].filter((row) => !row.deletes && !known.has(addressOf(row)));
  const later = await deletionsOfFormer(source, former);
  return { deletions: among([...found, ...beginning, ...later]), former };
}

/** Rows that were called so before, or had another key, and went later. */
export async function deletionsOfFormer(
  source: DeletionSource,
  former: readonly DeletionRow[],
): Promise<DeletionRow[]> {
  const keys = former.flatMap(({ newKey, record }) => newKey ?? record ?? []);
  if (keys.length === 0) return [];
  const tables = new Set(former.map(({ schema, table }) => JSON.stringify([schema, table])));
  const rows = await source.ofKeys(keys, "former");
  return rows.filter((row) => row.deletes && tables.has(JSON.stringify([row.schema, row.table])));
}

/** What several readings found, newest first; a beginning counts only where nothing is called so. */
export function among(rows: readonly DeletionRow[]): DeletionRow[] {
  const gone = rows.filter(({ deletes }) => deletes);
  const isCalled = gone.some(({ matched }) => matched === "key" || matched === "value");
  const kept = isCalled ? gone.filter(({ matched }) => matched !== "beginning") : gone;
  return [...new Map(kept.map((row) => [row.id, row])).values()].sort((a, b) => byAge(b, a));
}

export function marksOf({ softColumns }: Pick<Asked, "softColumns">): string[] {
  return [...new Set([...deletionColumns, ...softColumns])];
}

function addressOf({ schema, table, record }: DeletionRow): string {
  return JSON.stringify([schema, table, record]);
}
