import type pg from "pg";
import type { Column } from "./capture.ts";

/** A table as its catalog describes it, before anybody chose what to mask or whose it is. */
export interface CatalogTable {
  schema: string;
  name: string;
  columns: Column[];
  primaryKey: string[];
  partitioned: boolean;
}

/** The ordinary and partitioned tables of a schema, without partitions, in the order of their names. */
export async function readTables(client: pg.ClientBase, schema: string): Promise<CatalogTable[]> {
  const { rows } = await client.query<CatalogTable>(
    `SELECT n.nspname AS schema,
            c.relname AS name,
            c.relkind = 'p' AS partitioned,
            (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                                               'generated', a.attgenerated <> '') ORDER BY a.attnum)
               FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
            coalesce((SELECT json_agg(a.attname ORDER BY key.place)
                        FROM pg_index i
                       CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS key (number, place)
                        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = key.number
                       WHERE i.indrelid = c.oid AND i.indisprimary), '[]') AS "primaryKey"
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      ORDER BY c.relname`,
    [schema],
  );
  return rows;
}
