import type pg from "pg";
import type { CatalogTable } from "../catalog.ts";
import { isApplicationSchema, isNotExtension } from "./own-schemas.ts";

type TableRow = Omit<CatalogTable, "columns" | "primaryKey" | "uniqueKeys" | "foreignKeys"> & { oid: string };

/**
 * Tables of every application schema; a partitioned table stands for all its partitions, sizes included. Measuring a table
 * waits for whoever holds it, such as a VACUUM FULL.
 */
export async function readTables(client: pg.ClientBase, { sizes }: { sizes: boolean }): Promise<TableRow[]> {
  const { rows } = await client.query<
    Omit<TableRow, "rows" | "bytes"> & { rows: string | null; bytes: string | null }
  >(`
    SELECT c.oid::text,
           n.nspname AS schema,
           c.relname AS name,
           CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' ELSE 'table' END AS kind,
           c.relpersistence = 'u' AS unlogged,
           pg_get_userbyid(c.relowner) AS owner,
           pg_has_role(c.relowner, 'USAGE') AS mine,
           size.rows,
           size.bytes,
           c.relrowsecurity AS "rowSecurity",
           c.relforcerowsecurity AS "forcedRowSecurity",
           size.partitions
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (
             SELECT (sum(leaf.reltuples) FILTER (WHERE leaf.reltuples >= 0))::bigint AS rows,
                    ${sizes ? "coalesce(sum(pg_total_relation_size(leaf.oid)), 0)::bigint" : "NULL"} AS bytes,
                    (count(*) FILTER (WHERE leaf.relispartition))::int AS partitions
               FROM (SELECT c.oid AS relid WHERE c.relkind <> 'p'
                      UNION ALL
                     SELECT tree.relid FROM pg_partition_tree(c.oid) AS tree WHERE tree.isleaf) AS member
               JOIN pg_class leaf ON leaf.oid = member.relid
           ) AS size
     WHERE c.relkind IN ('r', 'p', 'f')
       AND NOT c.relispartition
       AND ${isApplicationSchema}
       AND ${isNotExtension}
     ORDER BY n.nspname, c.relname`);
  return rows.map((row) => ({ ...row, rows: numberOf(row.rows), bytes: numberOf(row.bytes) }));
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
