import { edges, problems, rows } from "../scratch.ts";
import type { Work } from "../work.ts";
import { type Batch, isOf } from "../write/steps.ts";

const levelsMax = 500;

/**
 * Shares the rows of a plan out among chunks, parents before children, so that each chunk can be committed by itself. Rows that
 * need each other in a circle, with all that stands between such circles, are one chunk however many they are. A live row that
 * gives way does so in the chunk of the row that takes its place; in an undo it takes its place again when all else is done.
 */
export async function assignChunks(work: Work, batches: readonly Batch[], rowsInChunk: number): Promise<number> {
  const { client } = work;
  await client.query(`ALTER TABLE ${rows} ADD COLUMN level integer, ADD COLUMN batch integer`);
  for (const [at, batch] of batches.entries()) {
    for (const step of batch) await client.query(`UPDATE ${rows} AS r SET batch = ${at} WHERE ${isOf(step, "r")}`);
  }
  await level(work);
  await client.query(
    `UPDATE ${rows} AS r SET chunk = p.chunk
       FROM (SELECT n, 1 + (row_number() OVER (ORDER BY batch, level, n) - 1) / ${rowsInChunk} AS chunk
               FROM ${rows} WHERE state = 'open' AND origin <> 'yields') AS p WHERE p.n = r.n`,
  );
  await client.query(
    `UPDATE ${rows} AS r SET chunk = c.chunk
       FROM (SELECT batch, min(chunk) AS chunk FROM ${rows} WHERE level = ${levelsMax} GROUP BY batch) AS c
      WHERE r.batch = c.batch AND r.level = ${levelsMax}`,
  );
  await client.query(
    `UPDATE ${rows} AS y SET chunk = t.chunk
       FROM ${problems} AS p JOIN ${rows} AS t ON t.n = p.n
      WHERE y.origin = 'yields' AND p.code = 'unique_clash' AND p.tab = y.tab AND p.detail ->> 'record' = y.record AND t.chunk > 0`,
  );
  await client.query(
    `UPDATE ${rows} SET chunk = (SELECT ${work.undoing ? "max" : "min"}(chunk) FROM ${rows} WHERE chunk > 0)
      WHERE origin = 'yields' AND chunk = 0`,
  );
  const { rows: found } = await client.query<{ chunks: number }>(
    `SELECT coalesce(max(chunk), 0) AS chunks FROM ${rows} WHERE state = 'open'`,
  );
  return found[0]?.chunks ?? 0;
}

/**
 * How deep a row lies among those that are written with it: 0 needs none of them, and so on. What needs itself in a circle has no
 * depth; from the other end, what only hangs from circles comes after them, level by level.
 */
async function level({ client, undoing }: Work): Promise<void> {
  const [needed, needing] = undoing ? ["child", "parent"] : ["parent", "child"];
  const inner = `SELECT e.${needing} AS needing, e.${needed} AS needed FROM ${edges} AS e
                   JOIN ${rows} AS a ON a.n = e.${needing} JOIN ${rows} AS b ON b.n = e.${needed}
                  WHERE e.firm AND a.batch = b.batch AND a.state = 'open' AND b.state = 'open' AND a.n <> b.n`;
  await client.query(`CREATE TEMP TABLE caretaker_restore_needs ON COMMIT DROP AS ${inner}`);
  await client.query("ANALYZE pg_temp.caretaker_restore_needs");
  const first = `UPDATE ${rows} AS r SET level = $1 WHERE r.level IS NULL AND r.state = 'open' AND NOT EXISTS (
    SELECT FROM pg_temp.caretaker_restore_needs AS e JOIN ${rows} AS o ON o.n = e.needed
     WHERE e.needing = r.n AND (o.level IS NULL OR o.level >= $1))`;
  for (let depth = 0; depth < levelsMax; depth++) if ((await client.query(first, [depth])).rowCount === 0) break;
  const last = `UPDATE ${rows} AS r SET level = $1 WHERE r.level IS NULL AND r.state = 'open' AND NOT EXISTS (
    SELECT FROM pg_temp.caretaker_restore_needs AS e JOIN ${rows} AS o ON o.n = e.needing
     WHERE e.needed = r.n AND (o.level IS NULL OR o.level <= $1))`;
  for (let depth = 2 * levelsMax; depth > levelsMax; depth--)
    if ((await client.query(last, [depth])).rowCount === 0) break;
  await client.query(`UPDATE ${rows} SET level = ${levelsMax} WHERE level IS NULL AND state = 'open'`);
}
