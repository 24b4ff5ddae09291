import { damagedCursor, decodeCursor } from "../page.ts";
import { isEntryId } from "./entry-id.ts";
import { termSql } from "./query/sql.ts";
import type { Term } from "./query/terms.ts";

/** Collects values and hands out their placeholders. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/** Where a page ends: the key of its last entry, as text. */
export interface Position {
  at: string;
  id: string;
  /** Whether the entry at exactly this key, in this database, was already shown. */
  shown: boolean;
}

/**
 * The terms of a filter, as they stand in one database, and a position as SQL over `caretaker.audit_logs`. The plain bound on
 * created_at says nothing new beside the row comparison, but partitions are pruned by it and not by the row comparison.
 */
export function conditions(values: Values, terms: readonly Term[], position: Position | null = null): string[] {
  const now = Date.now();
  const where = terms.map((term) => termSql((value) => values.add(value), term, now));
  if (position !== null) {
    const at = values.add(position.at);
    const id = values.add(position.id);
    where.push(`created_at <= ${at}::timestamptz`);
    where.push(`(created_at, id) ${position.shown ? "<" : "<="} (${at}::timestamptz, ${id}::bigint)`);
  }
  return where;
}

const stamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

/** Reads a list's cursor: the time, id and database of the last entry shown. */
export function readPosition(cursor: string): { at: string; id: string; database: string } {
  const [at, id, database] = decodeCursor(cursor, 3);
  if (!at || !stamp.test(at) || Number.isNaN(Date.parse(at)) || !id || !isEntryId(id) || !database) {
    throw damagedCursor();
  }
  return { at, id, database };
}
