import { quote, quoteTable } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import type { Column, TableShape, Unique } from "../../table-shape.ts";
import { isText, lengthOf } from "../check/renamable.ts";
import { problems, rows } from "../scratch.ts";
import { resulting, standsAs, typed } from "../values.ts";
import { columnOf, storedColumns, type Work, type WorkTable } from "../work.ts";

const roundsMax = 20;

/** Finds a free value for every row whose unique value is taken: what it was, and a word that says why it is not that any more. */
export async function proposeValues(work: Work): Promise<void> {
  const { rows: wanted } = await work.client.query<{ tab: number; subject: string; column: string }>(
    `SELECT DISTINCT tab, subject, detail ->> 'column' AS column FROM ${problems}
      WHERE code = 'unique_clash' AND proposed IS NULL AND detail ->> 'column' IS NOT NULL ORDER BY 1, 2`,
  );
  for (const { tab, subject, column: name } of wanted) {
    const table = work.tables[tab];
    const shape = table?.shape;
    const unique = shape?.uniques.find((one) => one.name === subject);
    const column = shape && columnOf(shape, name);
    if (!table || !shape || !unique || !column) continue;
    for (let round = 0; round < roundsMax; round++) {
      if ((await propose(work, { table, shape, unique, column }, round)) === 0) break;
    }
  }
}

interface Wanted {
  table: WorkTable;
  shape: TableShape;
  unique: Unique;
  column: Column;
}

/** One round: answers how many rows still want a value. */
async function propose(work: Work, { table, shape, unique, column }: Wanted, round: number): Promise<number> {
  const name = literal(column.name);
  const keys = unique.keys.map((expression, at) => `${expression} AS caretaker_k${at}`).join(", ");
  const where = unique.predicate === null ? "" : `WHERE ${unique.predicate}`;
  const same = (alias: string) =>
    unique.keys.map((_, at) => `${alias}.caretaker_k${at} = w.caretaker_k${at}`).join(" AND ");
  const base = `${standsAs("r")} ->> ${name}`;
  const open = `p.tab = ${table.tab} AND p.subject = ${literal(unique.name)} AND p.code = 'unique_clash' AND p.proposed IS NULL`;
  const asked = `SELECT p.n, p.kind, ${standsAs("r")} AS doc, ${base} AS base,
                        ${round} + row_number() OVER (PARTITION BY ${isText(column) ? base : "true"} ORDER BY p.n) AS k
                   FROM ${problems} AS p JOIN ${rows} AS r ON r.n = p.n WHERE ${open}`;
  const tried = `SELECT a.n AS caretaker_n, a.kind AS caretaker_kind, a.candidate AS caretaker_candidate, v.*
                   FROM (SELECT a.*, ${candidate(table, column)} AS candidate FROM (${asked}) AS a OFFSET 0) AS a
                  CROSS JOIN LATERAL ${typed(`a.doc || jsonb_build_object(${name}, a.candidate)`, storedColumns(shape), "v", true)}`;
  await work.client.query(
    `WITH w AS MATERIALIZED (SELECT caretaker_n, caretaker_kind, caretaker_candidate, ${keys} FROM (${tried}) AS v ${where}),
          free AS (
       SELECT w.caretaker_n, w.caretaker_kind, w.caretaker_candidate FROM w
        WHERE NOT EXISTS (SELECT FROM (SELECT ${keys} FROM ${quoteTable(table)} ${where}) AS l WHERE ${same("l")})
          AND NOT EXISTS (SELECT FROM (SELECT v.caretaker_n, ${keys} FROM ${resulting(table.tab, shape)} AS v ${where}) AS s
                           WHERE ${same("s")} AND s.caretaker_n <> w.caretaker_n)
          AND NOT EXISTS (SELECT FROM ${problems} AS q WHERE q.tab = ${table.tab} AND q.proposed = w.caretaker_candidate))
     UPDATE ${problems} AS p SET proposed = f.caretaker_candidate
       FROM free AS f WHERE f.caretaker_n = p.n AND f.caretaker_kind = p.kind`,
  );
  const { rowCount } = await work.client.query(`SELECT FROM ${problems} AS p WHERE ${open}`);
  return rowCount ?? 0;
}

/** SQL of the k-th value to try: ada+restored@example.com, acme-restored, Acme Ltd (restored), or the next number. */
function candidate(table: WorkTable, column: Column): string {
  if (!isText(column)) {
    return `((SELECT coalesce(max(t.${quote(column.name)}), 0) FROM ${quoteTable(table)} AS t) + a.k)::text`;
  }
  const most = lengthOf(column);
  const cut = (part: string, added: string) =>
    most === null ? `${part} || ${added}` : `left(${part}, greatest(0, ${most} - length(${added}))) || ${added}`;
  const count = (before: string) => `CASE WHEN a.k > 1 THEN '${before}' || a.k ELSE '' END`;
  const mail = cut(
    "split_part(a.base, '@', 1)",
    `('+restored' || ${count("")} || substring(a.base FROM position('@' IN a.base)))`,
  );
  const slug = cut("a.base", `('-restored' || ${count("-")})`);
  const words = cut("a.base", `(' (restored' || ${count(" ")} || ')')`);
  return `CASE WHEN a.base ~ '^[^@ ]+@[^@ ]+$' THEN ${mail} WHEN a.base ~ '^[a-z0-9._-]+$' THEN ${slug} ELSE ${words} END`;
}
