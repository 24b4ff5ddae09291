import { type KeyColumn, keyText, quote, quoteTable } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import type { TableShape, Unique } from "../../table-shape.ts";
import { problems, rows } from "../scratch.ts";
import { resulting, typed } from "../values.ts";
import { keyOf, type Work, type WorkTable } from "../work.ts";
import { note, offersSql } from "./note.ts";
import { renamable } from "./renamable.ts";

/** Finds the rows whose place is taken: by a live row with their key, by one with their unique value, or by one another. */
export async function checkUniques(work: Work, table: WorkTable, shape: TableShape): Promise<void> {
  const key = keyOf(table);
  if (shape.primaryKey.length === 0) await findRestored(work, table);
  for (const unique of shape.uniques) {
    if (unique.primary) await findLive(work, table, shape, key, unique);
    else {
      await note(work, table, "unique_clash", withLive(work, table, shape, key, unique));
      await note(work, table, "unique_clash", amongThemselves(work, table, shape, unique));
    }
  }
}

/** SQL: open rows that were not looked at yet and the rows that stand in their place. What the plan changes may free another value, and no key. */
function taken(work: Work, table: WorkTable, shape: TableShape, key: readonly KeyColumn[], unique: Unique): string {
  const mark = table.managed?.softDelete;
  const keys = unique.keys.map((expression, at) => `${expression} AS caretaker_k${at}`).join(", ");
  const where = unique.predicate === null ? "" : `WHERE ${unique.predicate}`;
  const marked = mark ? `(t.${quote(mark.column)} ${mark.kind === "boolean" ? "IS TRUE" : "IS NOT NULL"})` : "false";
  const on = unique.keys.map((_, at) => sameOrNull(`l.caretaker_k${at}`, `w.caretaker_k${at}`, unique.nullsDistinct));
  return `
    SELECT r.n, r.act, r.fitted, l.caretaker_record AS record, l.caretaker_marked AS marked, l.caretaker_doc AS doc
      FROM (SELECT v.caretaker_n, ${keys} FROM ${resulting(table.tab, shape, `r.round = ${work.round}`)} AS v ${where}) AS w
      JOIN (SELECT ${keys}, ${keyText("t", key)} AS caretaker_record, ${marked} AS caretaker_marked, to_jsonb(t) AS caretaker_doc
              FROM ${quoteTable(table)} AS t ${where}) AS l ON ${on.join(" AND ")}
      JOIN ${rows} AS r ON r.n = w.caretaker_n
     WHERE ${unique.primary} OR NOT EXISTS (SELECT FROM ${rows} AS u WHERE u.tab = ${table.tab} AND u.record = l.caretaker_record
                          AND u.act <> 'insert' AND u.state = 'open')`;
}

/** PostgreSQL joins by equality only, so that NULLs that count as equal are compared beside it. */
function sameOrNull(left: string, right: string, nullsDistinct: boolean): string {
  return nullsDistinct ? `${left} = ${right}` : `(${left} = ${right} OR (${left} IS NULL AND ${right} IS NULL))`;
}

/** Of a row without a key nothing tells whether it is there, but that it was restored and not taken back. */
async function findRestored(work: Work, table: WorkTable): Promise<void> {
  const { rows: installed } = await work.client.query<{ there: boolean }>(
    "SELECT to_regclass('caretaker.restored_rows') IS NOT NULL AS there",
  );
  if (!installed[0]?.there) return;
  const found = `SELECT DISTINCT r.n, 'row' AS subject, '{}'::text[] AS columns, '{}'::text[] AS offers, '{}'::jsonb AS detail
                   FROM ${rows} AS r JOIN caretaker.restored_rows AS w ON w.entry_id = r.entry AND w.entry_at = r.entry_at
                  WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'open' AND r.act = 'insert'
                    AND w.done_at IS NOT NULL AND w.undone_at IS NULL`;
  if ((await note(work, table, "already_live", found)) > 0) await leaveLive(work, table);
}

async function leaveLive(work: Work, table: WorkTable): Promise<void> {
  await work.client.query(
    `WITH live AS (UPDATE ${problems} SET settled = true WHERE tab = $1 AND code = 'already_live' AND NOT settled RETURNING n)
     UPDATE ${rows} AS r SET state = 'live' FROM live WHERE r.n = live.n`,
    [table.tab],
  );
}

async function findLive(
  work: Work,
  table: WorkTable,
  shape: TableShape,
  key: readonly KeyColumn[],
  unique: Unique,
): Promise<void> {
  const found = `SELECT n, 'row' AS subject, ${columnsSql(unique)} AS columns, '{}'::text[] AS offers,
                        jsonb_build_object('record', record, 'marked', marked, 'same', doc @> fitted) AS detail
                   FROM (${taken(work, table, shape, key, unique)}) AS t WHERE t.act = 'insert'`;
  if ((await note(work, table, "already_live", found)) > 0) await leaveLive(work, table);
}

function withLive(work: Work, table: WorkTable, shape: TableShape, key: readonly KeyColumn[], unique: Unique): string {
  const { nulls, rename } = waysOut(table, shape, unique);
  const mark = table.managed?.softDelete;
  // A mark frees the value only where the index leaves marked rows out, and must not hide what live rows still hang from.
  const frees = mark !== null && mark !== undefined && unique.predicate?.includes(mark.column) === true;
  const byMark = frees ? `NOT marked AND NOT ${isUsed(shape, "doc")}` : "false";
  const swap = key.length === 0 ? "false" : rename === null ? byMark : "true";
  return `
    SELECT DISTINCT ON (n) n, ${literal(unique.name)} AS subject, ${columnsSql(unique)} AS columns,
           ${offersSql(...(rename === null ? [] : ["rename" as const]))} || CASE WHEN ${swap} THEN '{swap}'::text[] ELSE '{}' END
             || ${offersSql(...(nulls.length === 0 ? [] : ["null" as const]), "skip")} AS offers,
           jsonb_build_object('record', record, 'marked', marked, 'nulls', ${literal(JSON.stringify(nulls))}::jsonb,
             'column', ${rename === null ? "NULL::text" : literal(rename)}, 'byMark', ${byMark}) AS detail
      FROM (${taken(work, table, shape, key, unique)}) AS t
     ORDER BY n, record`;
}

/** SQL: whether rows hang from the row in a way that would not have let the database delete it. */
function isUsed({ children, columns }: TableShape, doc: string): string {
  const uses = children
    .filter(({ onDelete }) => onDelete === "nothing" || onDelete === "restrict")
    .map((child) => {
      const own = child.parentColumns.flatMap((name) => columns.find((column) => column.name === name) ?? []);
      const on = child.columns.map((name, at) => `c.${quote(name)} = v.${quote(child.parentColumns[at] ?? "")}`);
      const table = quoteTable({ schema: child.schema, name: child.table });
      return `EXISTS (SELECT FROM ${typed(doc, own, "v", true)} JOIN ${table} AS c ON ${on.join(" AND ")})`;
    });
  return uses.length === 0 ? "false" : `(${uses.join(" OR ")})`;
}

/** Two rows of the plan itself that would hold one value: the first may have it, and one that has it now is the first. */
function amongThemselves(work: Work, table: WorkTable, shape: TableShape, unique: Unique): string {
  const { nulls, rename } = waysOut(table, shape, unique);
  const keys = unique.keys.map((expression, at) => `${expression} AS caretaker_k${at}`).join(", ");
  const names = unique.keys.map((_, at) => `caretaker_k${at}`);
  const filled = unique.nullsDistinct ? names.map((name) => `${name} IS NOT NULL`) : [];
  const where = unique.predicate === null ? "" : `WHERE ${unique.predicate}`;
  const mark = table.managed?.softDelete;
  const later = `n.act = 'insert', ${mark ? `n.given ? ${literal(mark.column)}` : "false"}`;
  return `
    SELECT r.n, ${literal(unique.name)} AS subject, ${columnsSql(unique)} AS columns,
           ${offersSql(...(rename === null ? [] : ["rename" as const]), ...(nulls.length === 0 ? [] : ["null" as const]), "skip")} AS offers,
           jsonb_build_object('record', f.record, 'planned', true, 'nulls', ${literal(JSON.stringify(nulls))}::jsonb,
             'column', ${rename === null ? "NULL::text" : literal(rename)}) AS detail
      FROM (SELECT caretaker_n, first_value(caretaker_n) OVER (PARTITION BY ${names.join(", ")} ORDER BY ${later}, caretaker_n) AS first
              FROM (SELECT v.caretaker_n, ${keys} FROM ${resulting(table.tab, shape)} AS v ${where}) AS w
              JOIN ${rows} AS n ON n.n = w.caretaker_n
             WHERE ${filled.join(" AND ") || "true"}) AS d
      JOIN ${rows} AS r ON r.n = d.caretaker_n AND r.round = ${work.round}
      JOIN ${rows} AS f ON f.n = d.first
     WHERE d.first <> d.caretaker_n`;
}

function waysOut(table: WorkTable, shape: TableShape, unique: Unique): { nulls: string[]; rename: string | null } {
  // A foreign key's column has a choice of its own; a masked one's value would show through its other one.
  const others = new Set([...shape.parents.flatMap(({ columns }) => columns), ...(table.managed?.maskedColumns ?? [])]);
  const own = unique.columns.flatMap((name) =>
    others.has(name) ? [] : (shape.columns.find((column) => column.name === name) ?? []),
  );
  const nullable = unique.nullsDistinct ? own.filter(({ nullable }) => nullable) : [];
  return { nulls: nullable.slice(-1).map(({ name }) => name), rename: renamable(own)?.name ?? null };
}

function columnsSql({ columns }: Unique): string {
  return `ARRAY[${columns.map(literal).join(", ")}]::text[]`;
}
