import { LeaseLost } from "../../jobs/lease.ts";
import { holdMove } from "../../managed/moving/gate.ts";
import { belongs, type MovingTable, type Standing } from "../../managed/moving/table.ts";
import { relation } from "../../managed/statement.ts";
import type { End, Pair } from "../pair.ts";
import { between, type Key, keyList, keyText } from "./keys.ts";
import { isTaken, removeOvertaken } from "./overtaken.ts";
import { carryRows } from "./rows.ts";

export interface CopyProgress {
  lastKey: Key | null;
  rows: number;
  bytes: number;
  done: boolean;
  /** Of the rows, those of the last chunk. */
  carried: number;
}

/** How far a table was copied. It committed with the rows, so that it holds whatever was cut off. */
async function readProgress({ to, moveId }: Pair, ordinal: number): Promise<CopyProgress> {
  const { rows } = await to.client.query<{ lastKey: Key | null; rows: string; bytes: string; done: boolean }>(
    `SELECT last_key AS "lastKey", rows::text, bytes::text, done
       FROM caretaker.move_progress WHERE move_id = $1 AND ordinal = $2`,
    [moveId, ordinal],
  );
  const [row] = rows;
  if (!row) return { lastKey: null, rows: 0, bytes: 0, done: false, carried: 0 };
  return { ...row, rows: Number(row.rows), bytes: Number(row.bytes), carried: 0 };
}

/**
 * Copies the next rows in the order of the key, in one transaction with how far that brings the copy. What is written behind it
 * meanwhile was noted, and is read again when everything is copied; until then nothing else writes to the receiving place. `share` is
 * as `boundary` has it.
 */
export async function copyChunk(pair: Pair, table: MovingTable, limit: number, share = 0): Promise<CopyProgress> {
  const { from, to } = pair;
  pair.signal.throwIfAborted();
  const before = await readProgress(pair, table.ordinal);
  if (before.done) return before;
  const upTo = await boundary(from, table, before.lastKey, limit, share);
  const source = chunkOf(table, from.standing, before.lastKey, upTo);
  await to.client.query("BEGIN");
  try {
    if (!(await holdMove(to.client, pair.moveId, pair.epoch))) throw new LeaseLost(pair.moveId);
    const carried = await carryRows(pair, table, source);
    const after: CopyProgress = {
      lastKey: upTo ?? before.lastKey,
      rows: before.rows + carried.rows,
      bytes: before.bytes + (carried.bytes ?? 0),
      done: upTo === null,
      carried: carried.rows,
    };
    await writeProgress(pair, table.ordinal, after);
    await to.client.query("COMMIT");
    return after;
  } catch (error) {
    const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref());
    await Promise.race([to.client.query("ROLLBACK").catch(() => {}), late]);
    // What one row gave up since it was copied, another one has by now.
    if (isTaken(error) && (await removeOvertaken(pair)) > 0) return copyChunk(pair, table, limit, share);
    throw error;
  }
}

/** SQL of the tenant's rows behind one key and up to another. */
export function chunkOf(table: MovingTable, standing: Standing, after: Key | null, upTo: Key | null): string {
  return `FROM ${relation(standing.schema, table.name)} AS t
    WHERE ${belongs(table, standing, "t")} AND ${between(table, "t", after, upTo)}`;
}

/** From this share on, it is quicker to count others' rows too than to tell them apart. */
const shareOfMost = 0.25;

/**
 * The key of the row that is `limit` rows further; null where there are fewer. Where at least a quarter of the table is the tenant's,
 * by `share`, its index alone is read, and about `limit` of the rows up to the key are the tenant's.
 */
export async function boundary(
  { standing, client }: End,
  table: MovingTable,
  after: Key | null,
  limit: number,
  share = 0,
): Promise<Key | null> {
  const most = share >= shareOfMost;
  const { rows } = await client.query<{ key: Key }>(
    `SELECT ${keyText(table, "t")} AS key
       FROM ${relation(standing.schema, table.name)} AS t
      WHERE ${most ? "true" : belongs(table, standing, "t")} AND ${between(table, "t", after, null)}
      ORDER BY ${keyList(table, "t")}
     OFFSET ${Math.round(most ? limit / share : limit) - 1} LIMIT 1`,
  );
  return rows[0]?.key ?? null;
}

/** How much of a table is the tenant's: all of its own, else by an estimate of its rows; 0 where nobody knows how many there are. */
export async function shareOf({ standing, client }: End, table: MovingTable, estimatedRows: number): Promise<number> {
  if (!standing.shared) return 1;
  const { rows } = await client.query<{ rows: number }>(
    "SELECT reltuples::float8 AS rows FROM pg_class WHERE oid = $1::text::regclass",
    [relation(standing.schema, table.name)],
  );
  const all = rows[0]?.rows ?? -1;
  return all > 0 ? Math.min(1, estimatedRows / all) : 0;
}

async function writeProgress({ to, moveId }: Pair, ordinal: number, progress: CopyProgress): Promise<void> {
  await to.client.query(
    `INSERT INTO caretaker.move_progress (move_id, ordinal, last_key, rows, bytes, done)
     VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (move_id, ordinal) DO UPDATE
        SET last_key = excluded.last_key, rows = excluded.rows, bytes = excluded.bytes, done = excluded.done`,
    [moveId, ordinal, progress.lastKey, progress.rows, progress.bytes, progress.done],
  );
}

/** Rows of a chunk: some seconds' work at most, in one transaction. */
export function chunkRows(averageRowBytes: number): number {
  return Math.round(Math.min(200_000, Math.max(1_000, 32_000_000 / Math.max(1, averageRowBytes))));
}
