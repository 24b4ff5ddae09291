import type pg from "pg";
import type { CatalogTable } from "../catalog.ts";
import { isApplicationSchema } from "./own-schemas.ts";

type Keys = Pick<CatalogTable, "primaryKey" | "uniqueKeys">;

/** Primary keys and unique indexes in index order, by table oid. Indexes over expressions or parts of a table are no keys. */
export async function readKeys(client: pg.ClientBase): Promise<Map<string, Keys>> {
  const { rows } = await client.query<{ table: string; primary: boolean; columns: string[]; notNull: boolean }>(`
    SELECT i.indrelid::text AS table,
           i.indisprimary AS primary,
           array_agg(a.attname::text ORDER BY key.position) AS columns,
           bool_and(a.attnotnull) AS "notNull"
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid AND NOT c.relispartition
      JOIN pg_namespace n ON n.oid = c.relnamespace AND ${isApplicationSchema}
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, position)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
     WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
       AND key.position <= i.indnkeyatts
     GROUP BY i.indexrelid, i.indrelid, i.indisprimary
     ORDER BY i.indrelid, i.indisprimary DESC, count(*), 3`);
  const byTable = new Map<string, Keys>();
  for (const { table, primary, columns, notNull } of rows) {
    const keys = byTable.get(table) ?? { primaryKey: [], uniqueKeys: [] };
    if (primary) keys.primaryKey = columns;
    else keys.uniqueKeys.push({ columns, notNull });
    byTable.set(table, keys);
  }
  return byTable;
}
