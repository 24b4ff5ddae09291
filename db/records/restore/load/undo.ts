import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import { rows } from "../scratch.ts";
import { keyOf, knowTables, named, tableOf, type Work, type WorkTable } from "../work.ts";

/** SQL: what a restore wrote and nothing took back. */
const done = (restore: string) =>
  `SELECT w.* FROM caretaker.restored_rows AS w
    WHERE w.restore_id = ${literal(restore)}::uuid AND w.done_at IS NOT NULL AND w.undone_at IS NULL`;

/** SQL: the values that the row had before the restore were erased since. */
const isErased = "(w.act = 'update' AND w.earlier IS NULL)";

/**
 * Takes up the rows that a restore wrote, the other way round: what was put back is taken out, a mark that was taken off is set
 * as it was, and live rows that gave way take their places again.
 */
export async function takeUndo(work: Work, restore: string): Promise<void> {
  const { rows: tables } = await work.client.query<{ schema: string; name: string }>(
    `SELECT DISTINCT w.schema_name AS schema, w.table_name AS name FROM (${done(restore)}) AS w ORDER BY 1, 2`,
  );
  await knowTables(work, tables);
  for (const name of tables) {
    const table = tableOf(work, name);
    if (table) await takeTable(work, table, restore);
  }
}

/** A row that is not there any more, was left without a key to find it by, or was erased since, stays as it is. */
async function takeTable(work: Work, table: WorkTable, restore: string): Promise<void> {
  const key = keyOf(table);
  const own = `SELECT * FROM (${done(restore)}) AS w WHERE w.schema_name = ${literal(table.schema)} AND w.table_name = ${literal(table.name)}`;
  if (table.shape && key.length > 0) {
    await work.client.query(
      `INSERT INTO ${rows} (round, key, tab, act, origin, record, entry, entry_at, standing, image, fitted, given, hash)
       SELECT ${work.round + 1}, ${literal(named(table))} || ':' || w.record, ${table.tab}, CASE w.act WHEN 'insert' THEN 'delete' ELSE 'update' END,
              CASE w.origin WHEN 'yields' THEN 'yields' ELSE 'undo' END, w.record, w.entry_id, w.entry_at,
              to_jsonb(t), to_jsonb(t) || coalesce(w.earlier, '{}'), '{}', coalesce(w.earlier, '{}'), w.standing_hash
         FROM (${own}) AS w CROSS JOIN LATERAL ${keyRecord(key, "w.record", "k")}
         JOIN ${quoteTable(table)} AS t ON ${sameKey("t", "k", key)}
        WHERE w.act <> 'delete' AND w.record IS NOT NULL AND NOT ${isErased} ORDER BY w.n
        ${work.lock ? "FOR UPDATE OF t" : ""}`,
    );
  }
  await work.client.query(
    `INSERT INTO ${rows} (round, key, tab, act, origin, record, entry, entry_at, fitted, state)
     SELECT ${work.round + 1}, ${literal(named(table))} || ':' || coalesce(w.record, '#' || w.n), ${table.tab}, CASE WHEN ${isErased} THEN 'update' ELSE 'delete' END, 'undo',
            w.record, w.entry_id, w.entry_at, '{}', 'skipped'
       FROM (${own}) AS w ORDER BY w.n ON CONFLICT (key) DO NOTHING`,
  );
}
