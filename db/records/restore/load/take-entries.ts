import { entries } from "../scratch.ts";
import { knowTables, tableOf, type Work } from "../work.ts";
import { addMarked } from "./marked.ts";
import { type Origin, ofTable, takeRemoved, takeTurn } from "./take-removed.ts";

/** Makes rows of the entries that were read and not taken yet; `which` narrows them. Answers how many. */
export async function takeEntries(work: Work, origin: Origin, which = "true"): Promise<number> {
  const { client } = work;
  const turn = await takeTurn(work, which);
  const { rows: found } = await client.query<{ schema: string; name: string; marks: boolean }>(
    `SELECT schema_name AS schema, table_name AS name, bool_or(action = 'update') AS marks
       FROM ${entries} WHERE turn = ${turn} GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  if (found.length === 0) return 0;
  await knowTables(work, found);
  let taken = await takeRemoved(work, origin, turn);
  for (const name of found.filter(({ marks }) => marks)) {
    const table = tableOf(work, name);
    if (!table) continue;
    const sql = `SELECT record, id AS entry, at AS entry_at, xact, tenant FROM ${entries}
                  WHERE turn = ${turn} AND action = 'update' AND ${ofTable(name)}`;
    taken += await addMarked(work, table, origin, { sql, values: [] });
  }
  return taken;
}
