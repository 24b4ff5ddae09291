import { keyColumns, keyText, quote, quoteTable } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import type { ForeignKey, TableShape } from "../../table-shape.ts";
import { carryRemovals } from "../moved/removals.ts";
import { edges, problems, rows, willOf } from "../scratch.ts";
import { keyArray, standsAs, typed } from "../values.ts";
import { columnOf, knowTables, type Moving, tableOf, type Work, type WorkTable } from "../work.ts";
import { note, offersSql } from "./note.ts";
import { isByKey, removalOf } from "./removal.ts";

/**
 * Finds the rows whose parents are not there. A parent within the plan comes before its child; one that was deleted too may be
 * included; one that is only marked as deleted stands in nobody's way, but hides the row.
 */
export async function checkParents(work: Work, table: WorkTable, shape: TableShape): Promise<void> {
  if (!work.undoing) await forgetEdges(work, table);
  for (const foreign of shape.parents) await checkParent(work, table, shape, foreign);
}

async function forgetEdges(work: Work, table: WorkTable): Promise<void> {
  await work.client.query(
    `DELETE FROM ${edges} AS e USING ${rows} AS r WHERE r.n = e.child AND r.tab = $1 AND r.round = $2`,
    [table.tab, work.round],
  );
}

async function checkParent(work: Work, table: WorkTable, shape: TableShape, foreign: ForeignKey): Promise<void> {
  await knowTables(work, [{ schema: foreign.schema, name: foreign.table }]);
  const parent = tableOf(work, { schema: foreign.schema, name: foreign.table });
  if (!parent) return;
  const found = orphans(work, table, shape, foreign, parent);
  // What hangs from a row that was left already is left with it, and is no question of its own.
  const planned = work.undoing ? "p.state = 'open'" : "(p.state = 'open' OR p.state = 'skipped' AND NOT o.present)";
  const inPlan = `SELECT o.n AS child, p.n AS parent, NOT o.present AS firm
                    FROM (${found}) AS o
                    JOIN ${rows} AS p ON p.tab = ${parent.tab} AND ${planned} AND p.act <> 'delete'
                     AND ${keyArray(standsAs("p"), foreign.parentColumns)} = o.wanted
                   WHERE p.n <> o.n`;
  await work.client.query(
    `INSERT INTO ${edges} AS e (child, parent, firm) ${inPlan}
         ON CONFLICT (child, parent) DO UPDATE SET firm = e.firm OR excluded.firm`,
  );
  if (work.moving) await carryParents(work, work.moving, foreign, parent, found);
  const nulls = foreign.columns.filter((name) => columnOf(shape, name)?.nullable);
  const otherwise = offersSql("point", ...(nulls.length === 0 ? [] : ["null" as const]), "skip");
  const alone = `
    SELECT o.* FROM (${found}) AS o
     WHERE NOT EXISTS (SELECT FROM ${rows} AS p WHERE p.tab = ${parent.tab} AND ${planned} AND p.act <> 'delete'
                          AND ${keyArray(standsAs("p"), foreign.parentColumns)} = o.wanted)`;
  const detail = `jsonb_build_object('schema', ${literal(foreign.schema)}, 'table', ${literal(foreign.table)}, 'record', o.record,
                    'wanted', o.wanted, 'nulls', ${literal(JSON.stringify(nulls))}::jsonb`;
  const columns = `ARRAY[${foreign.columns.map(literal).join(", ")}]::text[] AS columns`;
  const subject = `${literal(foreign.name)} AS subject, ${columns}`;
  const removal = removalOf(work, foreign, parent, "o");
  const recordedIn = work.moving ? ", 'recordedIn', gone.recorded_in" : "";
  await note(
    work,
    table,
    "parent_deleted",
    `SELECT o.n, ${subject}, ${offersSql("include")} || ${otherwise} AS offers,
            ${detail}, 'entry', gone.id::text, 'at', gone.at${recordedIn}) AS detail
       FROM (${alone}) AS o CROSS JOIN LATERAL (${removal}) AS gone WHERE NOT o.present
      UNION ALL
     SELECT o.n, ${subject}, ${offersSql("include")} || ${otherwise} AS offers, ${detail}, 'marked', true) AS detail
       FROM (${alone}) AS o WHERE o.present`,
  );
  // The database lets a row hang from one that is only marked: that is worth a word and needs no choice.
  await work.client.query(
    `UPDATE ${problems} SET settled = true WHERE tab = $1 AND code = 'parent_deleted' AND detail ? 'marked' AND NOT settled`,
    [table.tab],
  );
  await note(
    work,
    table,
    "parent_missing",
    `SELECT o.n, ${subject}, ${otherwise} AS offers, ${detail}) AS detail
       FROM (${alone}) AS o WHERE NOT o.present AND NOT EXISTS (${removal})`,
  );
}

/** SQL: rows not looked at yet whose parent is not live; `present` when it stands there, marked as deleted. */
function orphans(work: Work, table: WorkTable, shape: TableShape, foreign: ForeignKey, parent: WorkTable): string {
  const own = foreign.columns.flatMap((name) => columnOf(shape, name) ?? []);
  const on = foreign.columns.map((name, at) => `p.${quote(foreign.parentColumns[at] ?? "")} = v.${quote(name)}`);
  const byKey = isByKey(foreign);
  const inOrder = foreign.parentKey.map((name) => foreign.columns[foreign.parentColumns.indexOf(name)] ?? "");
  const mark = parent.managed?.softDelete;
  const marked = mark ? `p.${quote(mark.column)} ${mark.kind === "boolean" ? "IS TRUE" : "IS NOT NULL"}` : "false";
  return `
    SELECT r.n, p.caretaker_here IS TRUE AS present, ${byKey ? keyText("v", keyColumns(inOrder, own)) : "NULL::text"} AS record,
           jsonb_build_array(${foreign.columns.map((name) => `to_jsonb(v.${quote(name)})`).join(", ")}) AS wanted
      FROM ${rows} AS r
     CROSS JOIN LATERAL ${typed(standsAs("r"), own, "v", true)}
      LEFT JOIN (SELECT p.*, true AS caretaker_here FROM ${quoteTable({ schema: foreign.schema, name: foreign.table })} AS p) AS p
        ON ${on.join(" AND ")}
     WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'open' AND r.act <> 'delete'
       AND (r.act = 'insert' OR ${willOf("r")} ?| ARRAY[${[...foreign.columns, ...(work.undoing ? [] : markOf(table))].map(literal).join(", ")}])
       AND ${own.map(({ name }) => `v.${quote(name)} IS NOT NULL`).join(" AND ")}
       AND (p.caretaker_here IS NULL OR ${marked})`;
}

/** A row whose mark is taken off is looked at as if it came anew. */
function markOf({ managed }: WorkTable): string[] {
  return managed?.softDelete ? [managed.softDelete.column] : [];
}

/** What the logs have of parents that are not there, of a tenant that has moved. */
async function carryParents(
  work: Work,
  moving: Moving,
  foreign: ForeignKey,
  parent: WorkTable,
  found: string,
): Promise<void> {
  const byKey = isByKey(foreign);
  const { rows: missing } = await work.client.query<{ wanted: string }>(
    `SELECT DISTINCT ${byKey ? "o.record" : "o.wanted::text"} AS wanted FROM (${found}) AS o WHERE NOT o.present`,
  );
  const wanted = missing.map((one) => one.wanted);
  await carryRemovals(
    work,
    moving,
    parent,
    byKey ? { records: wanted } : { columns: foreign.parentColumns, values: wanted },
  );
}
