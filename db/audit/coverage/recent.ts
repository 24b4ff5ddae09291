import type pg from "pg";
import { identifier } from "../../managed/statement.ts";

export const daysMax = 7;
// 32 MB of a partition tell the shares well enough; a smaller one is read whole.
const pagesRead = 4_096;

/** A partition of the log that can hold entries of the last days. */
export interface Part {
  name: string;
  /** How much of it is read: 100 for all. */
  percent: number;
  /** All bytes over those of the rows: what indexes add. Those of a nearly empty partition would tell nothing, so at most 3. */
  growth: number;
}

/** The partitions that can hold entries of these days, the default one and what is staged among them. */
export async function recentParts(client: pg.PoolClient): Promise<Part[]> {
  const { rows } = await client.query<Part>(
    `SELECT c.relname AS name,
            least(100, 100.0 * $2 * current_setting('block_size')::int / pg_relation_size(c.oid))::float8 AS percent,
            least(3, pg_total_relation_size(c.oid)::float8 / pg_table_size(c.oid)) AS growth
       FROM pg_partition_tree('caretaker.audit_logs') AS tree
       JOIN pg_class c ON c.oid = tree.relid
      WHERE tree.isleaf
        AND pg_relation_size(c.oid) > 0
        AND (pg_get_expr(c.relpartbound, c.oid) IN ('DEFAULT', 'FOR VALUES IN (true)')
             OR (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz > now() - make_interval(days => $1)
            AND (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz <= now())`,
    [daysMax, pagesRead],
  );
  return rows;
}

/** SQL of a part's entries of these days, as far as they are read; $1 is the percentage and $2 the days. */
export function recentRows({ name }: Part): string {
  return `(SELECT * FROM caretaker.${identifier(name)} TABLESAMPLE SYSTEM ($1)
            WHERE created_at > now() - make_interval(days => $2) AND created_at <= now()) AS recent`;
}
