import type pg from "pg";
import type { CatalogColumn } from "../catalog.ts";
import { isApplicationSchema } from "./own-schemas.ts";

/** Columns in their order, by table oid. Domains are followed down to the type they stand on. */
export async function readColumns(client: pg.ClientBase): Promise<Map<string, CatalogColumn[]>> {
  const { rows } = await client.query<CatalogColumn & { table: string }>(`
    WITH RECURSIVE base AS (
      SELECT t.oid, t.oid AS at FROM pg_type t WHERE t.typtype = 'd'
      UNION ALL
      SELECT base.oid, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.at AND t.typtype = 'd'
    )
    SELECT a.attrelid::text AS table,
           a.attname AS name,
           format_type(a.atttypid, a.atttypmod) AS type,
           coalesce(under.typname, t.typname) AS "baseType",
           a.attnotnull AS "notNull",
           a.attgenerated <> '' AS generated,
           CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
      JOIN pg_namespace n ON n.oid = c.relnamespace AND ${isApplicationSchema}
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN base ON base.oid = t.oid AND base.at IN (SELECT oid FROM pg_type WHERE typtype <> 'd')
      LEFT JOIN pg_type under ON under.oid = base.at
     WHERE a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attrelid, a.attnum`);
  const byTable = new Map<string, CatalogColumn[]>();
  for (const { table, ...column } of rows) byTable.set(table, [...(byTable.get(table) ?? []), column]);
  return byTable;
}
