import type pg from "pg";
import { withDatabase } from "../../../fleet.ts";
import { keyRecord, keyText, quote, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { limits } from "../../../transaction.ts";
import { type TableShape, tableShapes } from "../../table-shape.ts";
import type { ErasureSubject, NotReached } from "../contract.ts";
import type { Findings, FoundTable } from "../find/findings.ts";
import { nameOf } from "../find/looking.ts";
import { shownSql } from "./shown.ts";

interface LinkedRow {
  record: string;
  values: string;
}

const rowsAtOnce = 500;

/**
 * The rows that hang from the person's own row by the foreign keys of one finding, in the order of their keys: also those beyond what a
 * search takes up. Nothing where a table or a foreign key on the way is gone.
 */
export async function* readLinked(
  { database, record }: ErasureSubject,
  table: FoundTable,
  masked: readonly string[],
  found: Findings,
): AsyncGenerator<LinkedRow[]> {
  if (table.kind !== "path" || record === undefined) return;
  for (let after: string | null = null; ; ) {
    const page: LinkedRow[] = await withDatabase(
      database,
      (client) => readPage(client, { record, table, masked, found, after }),
      { limits: limits.long },
    );
    yield page;
    after = page.at(-1)?.record ?? null;
    if (page.length < rowsAtOnce) return;
  }
}

interface Page {
  record: string;
  table: FoundTable;
  masked: readonly string[];
  found: Findings;
  /** The key of the last row before it. */
  after: string | null;
}

async function readPage(client: pg.ClientBase, { record, table, masked, found, after }: Page): Promise<LinkedRow[]> {
  const shapes = await tableShapes(client, found.tables);
  const shape = shapeOf(shapes, nameOf(table));
  const key = found.keys[nameOf(table)] ?? [];
  const hangs = hangsSql(table, found, shapes, "c");
  if (!shape || !hangs || key.length === 0) return [];
  const columns = (alias: string) => key.map(({ name }) => `${alias}.${quote(name)}`).join(", ");
  const behind =
    after === null ? "" : `AND (${columns("c")}) > (SELECT ${columns("k")} FROM ${keyRecord(key, "$2", "k")})`;
  // By the index of the foreign key; in the order of keys alone, all of the table might be walked through.
  const { rows } = await client.query<LinkedRow>(
    `WITH linked AS MATERIALIZED (SELECT ${columns("c")} FROM ${quoteTable(shape)} AS c WHERE ${hangs} ${behind}),
          page AS (SELECT * FROM linked AS l ORDER BY ${columns("l")} LIMIT ${rowsAtOnce})
     SELECT ${keyText("t", key)} AS record, to_jsonb(${shownSql(table, shape, masked, found)})::text AS values
       FROM page AS p JOIN ${quoteTable(shape)} AS t ON ${sameKey("t", "p", key)} ORDER BY ${columns("p")}`,
    after === null ? [record] : [record, after],
  );
  return rows;
}

/** By which foreign keys rows may hang from those of a finding, of which the search found none: beyond what it takes up there may be some. */
export async function unfollowed(
  { database }: ErasureSubject,
  table: FoundTable,
  found: Findings,
): Promise<NotReached[]> {
  const [shape] = await withDatabase(database, (client) => tableShapes(client, [table]));
  const ways = shape?.children.filter(
    (child) =>
      child.schema !== "caretaker" &&
      !found.tables.some(
        (one) =>
          nameOf(one) === `${child.schema}.${child.table}` &&
          one.via?.parent === nameOf(table) &&
          JSON.stringify(one.via.columns) === JSON.stringify(child.columns),
      ),
  );
  return (ways ?? []).map((child) => ({
    where: `${child.schema}.${child.table} by ${child.columns.join(", ")}`,
    why: `What hangs from rows of ${nameOf(table)} beyond the first that a search takes up was not looked for.`,
  }));
}

/** SQL over a row `alias`: whether it hangs from the own row, whose key is $1, by this finding's foreign key; null where there is none. */
function hangsSql(
  { via, depth, ...table }: FoundTable,
  found: Findings,
  shapes: TableShape[],
  alias: string,
): string | null {
  const foreign = shapeOf(shapes, nameOf(table))?.parents.find(
    ({ schema, table: name, columns }) =>
      `${schema}.${name}` === via?.parent && JSON.stringify(columns) === JSON.stringify(via.columns),
  );
  if (!foreign) return null;
  // Found from a row nearer to the person, so that this ends.
  const parents = found.tables
    .filter((one) => nameOf(one) === via?.parent && one.depth < depth && (one.kind === "own" || one.kind === "path"))
    .flatMap((parent) => parentSql(parent, foreign.parentColumns, found, shapes) ?? []);
  if (parents.length === 0) return null;
  const columns = foreign.columns.map((name) => `${alias}.${quote(name)}`);
  return `(${columns.join(", ")}) IN (${parents.join(" UNION ALL ")})`;
}

function parentSql(
  parent: FoundTable,
  columns: readonly string[],
  found: Findings,
  shapes: TableShape[],
): string | null {
  const shape = shapeOf(shapes, nameOf(parent));
  const key = found.keys[nameOf(parent)] ?? [];
  if (!shape || key.length === 0) return null;
  const alias = `p${parent.depth}`;
  const rows = `SELECT ${columns.map((name) => `${alias}.${quote(name)}`).join(", ")} FROM ${quoteTable(shape)} AS ${alias}`;
  if (parent.kind === "own") return `${rows} JOIN ${keyRecord(key, "$1", "k")} ON ${sameKey(alias, "k", key)}`;
  const hangs = hangsSql(parent, found, shapes, alias);
  return hangs === null ? null : `${rows} WHERE ${hangs}`;
}

function shapeOf(shapes: readonly TableShape[], name: string): TableShape | undefined {
  return shapes.find((one) => nameOf(one) === name);
}
