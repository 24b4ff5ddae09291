import pg from "pg";
import { keysTable } from "../../managed/moving/table.ts";
import { inBoth, type Pair } from "../pair.ts";
import { type Key, keySet } from "./keys.ts";
import { guardedTables, removeCopies } from "./remove.ts";
import { writtenStrays } from "./strays.ts";

/** Whether a row found another one at the receiving place that has what only one may have. */
export function isTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === "23505" || error.code === "23P01");
}

/**
 * Takes the rows away at the receiving place that were written at the giving one since they were copied. They come back with the
 * next drain, since their keys stay noted. What is left is as the giving place has it now, so that a value which went from one row
 * to another meanwhile is there once. Answers how many there were.
 */
export async function removeOvertaken(pair: Pair): Promise<number> {
  return inBoth(pair, async () => {
    let removed = 0;
    const guarded = await guardedTables(pair, pair.tables);
    for (const table of pair.tables) {
      const columns = table.keys.map((_, at) => `k${at + 1}::text`);
      const { rows } = await pair.from.client.query<{ key: Key }>(
        `SELECT DISTINCT ARRAY[${columns.join(", ")}] AS key FROM ${keysTable(pair.from.standing, table.ordinal)}`,
      );
      if (rows.length === 0) continue;
      const keys = rows.map(({ key }) => key);
      const strays = await writtenStrays(pair, table, keySet(table, keys));
      removed += await removeCopies(pair, { table, keys, strays }, guarded);
    }
    return removed;
  });
}
