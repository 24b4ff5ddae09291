import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import { problems, rows } from "../scratch.ts";
import { keyOf, named, type Work, type WorkTable } from "../work.ts";
import { giveValues } from "./change.ts";
import { chosen } from "./chosen.ts";

/**
 * The live row gives way, before the deleted one comes back: it is marked as deleted where that frees the value and no live row
 * hangs from it, else it takes the other value. It becomes a row of the plan itself.
 */
export async function giveWay(work: Work): Promise<void> {
  const { rows: found } = await work.client.query<{ tab: number }>(
    `SELECT DISTINCT p.tab FROM (${chosen("swap")}) AS p ORDER BY 1`,
  );
  for (const { tab } of found) {
    const table = work.tables[tab];
    if (table?.shape) await giveWayIn(work, table);
  }
}

async function giveWayIn(work: Work, table: WorkTable): Promise<void> {
  const { client } = work;
  const key = keyOf(table);
  const swaps = `SELECT p.* FROM (${chosen("swap")}) AS p WHERE p.tab = ${table.tab}`;
  const live = `SELECT DISTINCT p.detail ->> 'record' AS record FROM (${swaps}) AS p`;
  await client.query(
    `INSERT INTO ${rows} (round, key, tab, act, origin, record, standing, image, fitted)
     SELECT ${work.round + 1}, ${literal(named(table))} || ':' || asked.record, ${table.tab}, 'update', 'yields', asked.record, to_jsonb(t), to_jsonb(t), '{}'
       FROM (${live} OFFSET 0) AS asked
      CROSS JOIN LATERAL ${keyRecord(key, "asked.record", "k")}
       JOIN ${quoteTable(table)} AS t ON ${sameKey("t", "k", key)}
      ${work.lock ? "FOR UPDATE OF t" : ""}
         ON CONFLICT (key) DO NOTHING`,
  );
  const mark = table.managed?.softDelete;
  const yields = `SELECT r.n AS yields, p.n, p.kind, p.detail, p.choice, p.proposed FROM (${swaps}) AS p
                    JOIN ${rows} AS r ON r.tab = p.tab AND r.record = p.detail ->> 'record' AND r.origin = 'yields'`;
  // "now" is what PostgreSQL reads as the moment of the transaction that writes it: a plan holds no moment of its own.
  const set = mark && JSON.stringify({ [mark.column]: mark.kind === "boolean" ? true : "now" });
  if (set) {
    await client.query(
      `UPDATE ${rows} AS r SET given = $1::jsonb FROM (${yields}) AS y WHERE r.n = y.yields AND (y.detail ->> 'byMark')::boolean`,
      [set],
    );
  }
  const { rows: columns } = await client.query<{ column: string }>(
    `SELECT DISTINCT y.detail ->> 'column' AS column FROM (${yields}) AS y
      WHERE NOT (y.detail ->> 'byMark')::boolean AND y.detail ->> 'column' IS NOT NULL ORDER BY 1`,
  );
  for (const { column } of columns) {
    await giveValues(
      work,
      table,
      column,
      `SELECT y.yields AS n, y.kind, coalesce(y.choice ->> 'to', y.proposed) AS value FROM (${yields}) AS y
        WHERE NOT (y.detail ->> 'byMark')::boolean AND y.detail ->> 'column' = ${literal(column)}`,
    );
  }
  await client.query(
    `UPDATE ${problems} AS q SET settled = r.given <> '{}' FROM (${yields}) AS y JOIN ${rows} AS r ON r.n = y.yields
      WHERE y.n = q.n AND y.kind = q.kind`,
  );
  await client.query(
    `UPDATE ${rows} AS r SET round = ${work.round + 1} FROM (${yields}) AS y WHERE r.n IN (y.n, y.yields)`,
  );
}
