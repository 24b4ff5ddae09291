import { isEntryId } from "../../audit/entry-id.ts";
import { damagedCursor, decodeCursor } from "../../page.ts";

/**
 * The order of the list: newest first, then by source (a database's hard deletions or one of its tables), then by the row's
 * own key within the source. A cursor is the last row's three parts. Deletions without a time come last.
 */
export interface Place {
  at: string;
  source: string;
  tie: string;
}

/** How the source of a database's hard deletions ends. */
export const logSource = " log";

export const noTime = "-infinity";

export function readPlace(cursor: string): Place {
  const [at, source, tie] = decodeCursor(cursor, 3);
  if (!at || !source || !tie || !(at === noTime || /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(at)))
    throw damagedCursor();
  if (source.endsWith(logSource) && !isEntryId(tie)) throw damagedCursor();
  return { at, source, tie };
}

/**
 * How a source goes on after a place: with what is older, and with rows of the very same time when they come after it.
 * `at` and `tie` are the source's own columns as SQL; `time` and `key` the place's values as SQL.
 */
export function afterPlace(
  place: Place,
  source: string,
  sql: { at: string; tie: string; time: string; key: string },
): string {
  const order = compareBytes(source, place.source);
  if (order === 0) return `(${sql.at}, ${sql.tie}) < (${sql.time}, ${sql.key})`;
  return `${sql.at} ${order < 0 ? "<=" : "<"} ${sql.time}`;
}

/** The order of the list, for rows of several sources. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.at !== b.at) {
    if (a.at === noTime || b.at === noTime) return a.at === noTime ? 1 : -1;
    return a.at < b.at ? 1 : -1;
  }
  if (a.source !== b.source) return compareBytes(b.source, a.source);
  // Ids of log entries have one width for the next centuries; padding makes that no assumption.
  return compareBytes(
    b.tie.padStart(b.source.endsWith(logSource) ? 19 : 0, "0"),
    a.tie.padStart(a.source.endsWith(logSource) ? 19 : 0, "0"),
  );
}

/** The order of text that PostgreSQL calls "C". */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
