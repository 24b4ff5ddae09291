import type pg from "pg";
import { holdOf } from "../../../managed/holds/refuse.ts";
import { quoteTable } from "../../../managed/row-key.ts";
import { literal, relation } from "../../../managed/statement.ts";
import type { Part } from "./batch.ts";
import { dueSql } from "./due.ts";
import { blockedSql } from "./reach.ts";
import type { Scope } from "./scope.ts";

/** How many pages one look goes through: 16 MB. */
export const pagesInLook = 2_000;

/** The parts of a table that hold rows, with their pages. */
export async function partsOf(client: pg.ClientBase, table: Part): Promise<(Part & { pages: number })[]> {
  const { rows } = await client.query<Part & { pages: number }>(
    `SELECT n.nspname AS schema, c.relname AS name, (pg_relation_size(c.oid) / current_setting('block_size')::int)::int AS pages
       FROM (SELECT ${literal(quoteTable(table))}::regclass AS relid
             UNION SELECT tree.relid FROM pg_partition_tree(${literal(quoteTable(table))}::regclass) AS tree) AS part
       JOIN pg_class AS c ON c.oid = part.relid AND c.relkind = 'r'
       JOIN pg_namespace AS n ON n.oid = c.relnamespace
      ORDER BY 1, 2`,
  );
  return rows;
}

/**
 * The places of rows that may go, among the pages from `page` on. A table is gone through page by page, which needs no index on
 * its mark, and meets rows that stay once only.
 */
export async function look(
  client: pg.ClientBase,
  table: Scope["tables"][number],
  { holds }: Scope,
  part: Part,
  page: number,
): Promise<string[]> {
  const { rows } = await client.query<{ place: string }>(
    `SELECT t.ctid::text AS place FROM ONLY ${relation(part.schema, part.name)} AS t
      WHERE t.ctid >= '(${page},0)'::tid AND t.ctid < '(${page + pagesInLook},0)'::tid
        AND ${dueSql(table, "t")} AND ${holdOf(holds, table, "t")} IS NULL AND NOT ${blockedSql(table.reach, holds, "t")}
      ORDER BY t.ctid`,
  );
  return rows.map(({ place }) => place);
}
