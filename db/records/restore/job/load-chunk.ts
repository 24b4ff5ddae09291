import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import { notePointsElsewhere } from "../load/links.ts";
import { carryEntries } from "../moved/entries.ts";
import { rows } from "../scratch.ts";
import { keyOf, knowTables, tableOf, type Work, type WorkTable } from "../work.ts";

export interface ChunkTable {
  schema: string;
  name: string;
  /** What of the chunk is still to be written there. */
  rows: number;
}

export async function tablesOfChunk(work: Work, restore: string, chunk: number): Promise<ChunkTable[]> {
  const { rows: found } = await work.client.query<ChunkTable>(
    `SELECT schema_name AS schema, table_name AS name, count(*)::int AS rows FROM (${open(restore, chunk)}) AS w GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return found;
}

/** Takes up what of a chunk is still to be written. */
export async function loadChunk(
  work: Work,
  tables: readonly ChunkTable[],
  restore: string,
  chunk: number,
): Promise<void> {
  await knowTables(work, tables);
  if (work.moving) await carryEntries(work, work.moving, open(restore, chunk));
  for (const name of tables) {
    const table = tableOf(work, name);
    if (table) await loadTable(work, table, restore, chunk);
  }
}

const open = (restore: string, chunk: number) =>
  `SELECT w.* FROM caretaker.restored_rows AS w
    WHERE w.restore_id = ${literal(restore)}::uuid AND w.chunk = ${chunk} AND w.done_at IS NULL`;

/** The log is read by the entries' own keys, so that it takes no longer however long it is. */
async function loadTable(work: Work, table: WorkTable, restore: string, chunk: number): Promise<void> {
  const own = `SELECT * FROM (${open(restore, chunk)}) AS w
                WHERE w.schema_name = ${literal(table.schema)} AND w.table_name = ${literal(table.name)}`;
  const given = "coalesce(w.given, '{}')";
  await work.client.query(
    `INSERT INTO ${rows} (round, n, key, tab, act, origin, record, entry, entry_at, image, given, omitted)
     SELECT ${work.round + 1}, w.n, w.n::text, ${table.tab}, 'insert', w.origin, w.record, w.entry_id, w.entry_at, log.old_values, ${given}, coalesce(w.omitted, '{}')
       FROM (${own}) AS w
      CROSS JOIN LATERAL (SELECT l.old_values FROM ${work.log} AS l
                           WHERE l.created_at = w.entry_at AND l.id = w.entry_id LIMIT 1) AS log
      WHERE w.act = 'insert' ORDER BY w.n`,
  );
  const key = keyOf(table);
  if (!table.shape || key.length === 0) return;
  await work.client.query(
    `INSERT INTO ${rows} (round, n, key, tab, act, origin, record, entry, entry_at, standing, image, fitted, given, hash, state)
     SELECT ${work.round + 1}, w.n, w.n::text, ${table.tab}, w.act, w.origin, w.record, w.entry_id, w.entry_at,
            to_jsonb(t), CASE w.origin WHEN 'yields' THEN to_jsonb(t) ELSE to_jsonb(t) || (${given} - coalesce(w.changed, '{}')) END, '{}', ${given},
            CASE WHEN w.act = 'delete' OR w.origin = 'undo' THEN w.before_hash END,
            CASE WHEN w.act = 'update' AND w.origin IN ('asked', 'child', 'parent') AND to_jsonb(t) @> ${given} THEN 'live'
                 WHEN w.origin = 'link' AND NOT to_jsonb(t) @> coalesce(w.earlier, '{}') THEN 'live' ELSE 'open' END
       FROM (${own}) AS w CROSS JOIN LATERAL ${keyRecord(key, "w.record", "k")}
       JOIN ${quoteTable(table)} AS t ON ${sameKey("t", "k", key)}
      WHERE w.act <> 'insert' ORDER BY w.n FOR UPDATE OF t`,
  );
  await notePointsElsewhere(work, table);
}
