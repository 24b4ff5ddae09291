import { type KeyColumn, keyText, quote, quoteTable } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import type { ForeignKey, TableShape } from "../../table-shape.ts";
import { edges, rows } from "../scratch.ts";
import { keyArray, typed } from "../values.ts";
import { columnOf, keyOf, knowTables, tableOf, type Work, type WorkTable } from "../work.ts";
import { note, offersSql } from "./note.ts";

/** What happened to the rows of a restore since: they changed, others came to hang from them, or they were erased. */
export async function checkSince(work: Work): Promise<void> {
  for (const table of [...work.tables]) {
    if (!table.shape) continue;
    await note(
      work,
      table,
      "changed_since",
      `SELECT r.n, 'row' AS subject, '{}'::text[] AS columns, ${offersSql("anyway", "skip")} AS offers, '{}'::jsonb AS detail
         FROM ${rows} AS r
        WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'open' AND r.hash IS NOT NULL
          AND r.hash <> sha256(convert_to(r.standing::text, 'UTF8'))`,
    );
    await note(
      work,
      table,
      "lost",
      `SELECT r.n, 'row' AS subject, '{}'::text[] AS columns, '{}'::text[] AS offers, '{"gone": true}'::jsonb AS detail
         FROM ${rows} AS r WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'skipped' AND r.act = 'delete'`,
    );
    await note(
      work,
      table,
      "erased",
      `SELECT r.n, 'row' AS subject, '{}'::text[] AS columns, '{}'::text[] AS offers, '{}'::jsonb AS detail
         FROM ${rows} AS r
        WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'skipped' AND r.act = 'update' AND r.image IS NULL`,
    );
    for (const foreign of table.shape.children) await checkChild(work, table, table.shape, foreign);
  }
}

/** Rows that hang from one that is taken out: those of the restore go before it, others keep it where it is. */
async function checkChild(work: Work, table: WorkTable, shape: TableShape, foreign: ForeignKey): Promise<void> {
  await knowTables(work, [{ schema: foreign.schema, name: foreign.table }]);
  const child = tableOf(work, { schema: foreign.schema, name: foreign.table });
  if (!child?.shape) return;
  await work.client.query(
    `INSERT INTO ${edges} (child, parent, firm)
     SELECT c.n, p.n, true FROM ${rows} AS p JOIN ${rows} AS c ON c.tab = ${child.tab} AND ${leaves("c", foreign)}
        AND ${keyArray("c.standing", foreign.columns)} = ${keyArray("p.standing", foreign.parentColumns)}
      WHERE p.tab = ${table.tab} AND p.act = 'delete' AND p.state = 'open' AND c.n <> p.n
         ON CONFLICT DO NOTHING`,
  );
  const offers =
    foreign.onDelete === "set null" || foreign.onDelete === "set default"
      ? offersSql("anyway", "skip")
      : offersSql("skip");
  await note(
    work,
    table,
    "used_since",
    `SELECT u.n, ${literal(foreign.name)} AS subject, '{}'::text[] AS columns, ${offers} AS offers,
            jsonb_build_object('uses', ${literal(foreign.table)}, 'count', count(*)) AS detail
       FROM (${usesOf(work, table, shape, foreign, child, keyOf(child))}) AS u GROUP BY u.n`,
  );
}

function usesOf(
  work: Work,
  table: WorkTable,
  shape: TableShape,
  foreign: ForeignKey,
  child: WorkTable,
  key: readonly KeyColumn[],
): string {
  const own = foreign.parentColumns.flatMap((name) => columnOf(shape, name) ?? []);
  const on = foreign.columns.map((name, at) => `c.${quote(name)} = v.${quote(foreign.parentColumns[at] ?? "")}`);
  return `SELECT r.n FROM ${rows} AS r
           CROSS JOIN LATERAL ${typed("r.standing", own, "v", true)}
            JOIN ${quoteTable(child)} AS c ON ${on.join(" AND ")}
           WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'open' AND r.act = 'delete'
             AND NOT EXISTS (SELECT FROM ${rows} AS u WHERE u.tab = ${child.tab} AND ${leaves("u", foreign)}
                                AND u.record = ${keyText("c", key)})`;
}

/** SQL: a row of the undo hangs from its parent no more, because it goes too or points to it no more. */
function leaves(alias: string, { columns }: ForeignKey): string {
  const pointing = `${alias}.act = 'update' AND ${alias}.given ?| ARRAY[${columns.map(literal).join(", ")}]`;
  return `${alias}.state = 'open' AND (${alias}.act = 'delete' OR ${pointing})`;
}
