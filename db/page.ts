import { Refusal } from "./errors.ts";

/** A page of rows in keyset order. `next` is null on the last page. */
export interface Page<Row> {
  rows: Row[];
  next: string | null;
}

/**
 * A cursor holds the last row's sort key as text, exactly as PostgreSQL printed it: timestamps keep their
 * microseconds and bigints their digits. Format: base64url of a JSON array of strings and nulls.
 */
function encodeCursor(key: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

export function decodeCursor(cursor: string, length: number): (string | null)[] {
  const key = parse(cursor);
  if (Array.isArray(key) && key.length === length && key.every((part) => part === null || typeof part === "string")) {
    return key;
  }
  throw damagedCursor();
}

export function damagedCursor(): Refusal {
  return new Refusal("invalid", "This page link is damaged.", { fix: "Start again from the first page." });
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return null;
  }
}

/** Cuts `limit + 1` fetched rows down to a page whose cursor is the last kept row's key. */
export function toPage<Row>(rows: Row[], limit: number, keyOf: (row: Row) => readonly (string | null)[]): Page<Row> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { rows: kept, next: rows.length > limit && last ? encodeCursor(keyOf(last)) : null };
}
