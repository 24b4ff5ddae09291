import { type Position, Values } from "../conditions.ts";
import { membersOf, objectOf } from "../members.ts";
import { termsOf } from "../query/named.ts";
import type { HistoryRow, RecordAddress } from "../record-history.ts";
import { after, coldColumns, coldRow } from "./ask-file.ts";
import { coldTermSql } from "./conditions.ts";
import type { ColdLog } from "./log.ts";

/** What record-history.ts asks of the log, asked of archived months. */
export async function coldHistory(
  { duck, from }: ColdLog,
  record: Omit<RecordAddress, "database">,
  position: Position | null,
  limit: number,
): Promise<HistoryRow[]> {
  const values = new Values();
  const bind = (value: unknown) => values.add(value);
  const terms = termsOf(record).map((term) => coldTermSql(bind, term, () => [], Date.now()));
  const reader = await duck.runAndReadAll(
    `SELECT ${coldColumns}, old_values, new_values, changes FROM ${from} AS entries
      WHERE ${[...terms, ...after(values, position)].join(" AND ")}
      ORDER BY entries.created_at DESC, entries.id DESC LIMIT ${limit}`,
    values.list.map(String),
  );
  return reader.getRowObjectsJson().map((row) => {
    const [old, created, changes] = [row.old_values, row.new_values, row.changes].map((image) =>
      typeof image === "string" ? image : null,
    );
    const states =
      row.action === "update" ? { before: beforeOf(old, changes), after: changes } : { before: old, after: created };
    return { ...coldRow(row), before: states.before ?? null, after: states.after ?? null };
  });
}

/** Of the row before, what an update changed. */
function beforeOf(old: string | null | undefined, changes: string | null | undefined): string | null {
  if (!changes) return null;
  const held = new Map(membersOf(old ?? "{}"));
  return objectOf(membersOf(changes).map(([key]) => [key, held.get(key) ?? "null"]));
}
