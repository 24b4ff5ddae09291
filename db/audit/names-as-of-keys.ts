import type { ForeignKey, TableName } from "../managed/foreign-keys.ts";
import { ExactNumber, type JsonValue } from "./lossless.ts";

export type RowImage = Readonly<Record<string, JsonValue>>;

/**
 * The key of the parent that a row points at, as `resource_id` has it; null where it points at none, or not by the parent's
 * primary key.
 */
export function parentRecord(key: ForeignKey, row: RowImage): string | null {
  const { columns, parentColumns, parentKey } = key;
  if (parentKey.length === 0 || parentKey.length !== parentColumns.length) return null;
  const parts = parentKey.map((column) => keyText(row[columns[parentColumns.indexOf(column)] ?? ""]));
  const known = parts.filter((part) => part !== null);
  if (known.length !== parts.length) return null;
  return known.length === 1 ? (known[0] ?? null) : JSON.stringify(known);
}

function keyText(value: JsonValue | undefined): string | null {
  if (value instanceof ExactNumber) return value.text;
  if (value === undefined || value === null || typeof value === "object") return null;
  return String(value);
}

/** One text for a record of a table, to look it up by. */
export function recordAddress({ schema, table }: TableName, record: string): string {
  return JSON.stringify([schema, table, record]);
}
