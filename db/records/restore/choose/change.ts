import { literal } from "../../../managed/statement.ts";
import { attempt } from "../attempt.ts";
import { problems, rows } from "../scratch.ts";
import { typed } from "../values.ts";
import { columnOf, type Work, type WorkTable } from "../work.ts";

/**
 * Writes other values into columns, each read into its column's type: `found` is SQL that gives n, kind and value (text) of
 * problems. Their rows are looked at again. What cannot be read leaves its problems open, and says why.
 */
export async function giveValues(work: Work, table: WorkTable, column: string, found: string): Promise<void> {
  const type = table.shape && columnOf(table.shape, column);
  if (!type) return;
  const name = literal(column);
  const tried = await attempt(work, () =>
    work.client.query(
      `WITH given AS MATERIALIZED (
         SELECT f.n, f.kind, to_jsonb(v) AS value
           FROM (${found}) AS f CROSS JOIN LATERAL ${typed(`jsonb_build_object(${name}, f.value)`, [type], "v")}),
       settled AS (
         UPDATE ${problems} AS p SET settled = true FROM given AS g WHERE g.n = p.n AND g.kind = p.kind)
       UPDATE ${rows} AS r SET round = ${work.round + 1}, given = r.given || g.value, omitted = array_remove(r.omitted, ${name})
         FROM given AS g WHERE g.n = r.n`,
    ),
  );
  if ("done" in tried) return;
  await work.client.query(
    `UPDATE ${problems} AS p SET detail = p.detail || jsonb_build_object('reason', $1::text)
       FROM (${found}) AS f WHERE f.n = p.n AND f.kind = p.kind`,
    [tried.refused],
  );
}
