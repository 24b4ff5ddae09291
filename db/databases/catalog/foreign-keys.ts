import type pg from "pg";
import type { ForeignKey } from "../catalog.ts";
import { isApplicationSchema } from "./own-schemas.ts";

/**
 * Foreign keys by table oid. One that is declared on partitions only counts for the partitioned table, and one that points
 * at a partition points at its root.
 */
export async function readForeignKeys(client: pg.ClientBase): Promise<Map<string, ForeignKey[]>> {
  const { rows } = await client.query<ForeignKey & { table: string }>(`
    SELECT DISTINCT ON (root.oid, columns.names, parent.oid, columns.parent_names)
           root.oid::text AS table,
           k.conname AS name,
           columns.names AS columns,
           pn.nspname AS "parentSchema",
           parent.relname AS "parentTable",
           columns.parent_names AS "parentColumns"
      FROM pg_constraint k
      JOIN pg_class root ON root.oid = coalesce(pg_partition_root(k.conrelid), k.conrelid)
      JOIN pg_namespace n ON n.oid = root.relnamespace AND ${isApplicationSchema}
      JOIN pg_class parent ON parent.oid = coalesce(pg_partition_root(k.confrelid), k.confrelid)
      JOIN pg_namespace pn ON pn.oid = parent.relnamespace
     CROSS JOIN LATERAL (
             SELECT array_agg(child.attname::text ORDER BY pair.position) AS names,
                    array_agg(above.attname::text ORDER BY pair.position) AS parent_names
               FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair (child, above, position)
               JOIN pg_attribute child ON child.attrelid = k.conrelid AND child.attnum = pair.child
               JOIN pg_attribute above ON above.attrelid = k.confrelid AND above.attnum = pair.above
           ) AS columns
     WHERE k.contype = 'f'
     ORDER BY root.oid, columns.names, parent.oid, columns.parent_names, (k.conrelid <> root.oid), k.conname`);
  const byTable = new Map<string, ForeignKey[]>();
  for (const { table, ...key } of rows) byTable.set(table, [...(byTable.get(table) ?? []), key]);
  return byTable;
}
