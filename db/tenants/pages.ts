import type pg from "pg";

export interface OwnTable {
  schema: string;
  name: string;
  rows: number | null;
  bytes: number;
}

/**
 * The sizes of a tenant's own tables (schema and database tiers), with indexes and TOAST. The catalog's page counts are
 * 50 times faster than asking the file system for each of 40,000 tables; only what was never vacuumed or analysed is asked.
 * Without schemas, every table of the database that is neither the system's nor ours.
 */
export async function readOwnTables(client: pg.PoolClient, schemas: readonly string[] | null): Promise<OwnTable[]> {
  const { rows } = await client.query<{ schema: string; name: string; rows: number | null; bytes: string }>(
    `WITH relation AS (
       SELECT c.oid, coalesce(heap.oid, i.indrelid, c.oid) AS table_oid,
              CASE WHEN c.relpages > 0 THEN c.relpages * current_setting('block_size')::bigint ELSE pg_relation_size(c.oid) END
                AS bytes
         FROM pg_class c
         LEFT JOIN pg_index i ON i.indexrelid = c.oid
         LEFT JOIN pg_class heap ON heap.reltoastrelid = coalesce(i.indrelid, c.oid) AND heap.reltoastrelid <> 0
        WHERE c.relkind IN ('r', 'i', 't', 'm')
     )
     SELECT n.nspname AS schema, t.relname AS name, nullif(t.reltuples, -1) AS rows, sum(relation.bytes)::bigint AS bytes
       FROM relation
       JOIN pg_class t ON t.oid = relation.table_oid AND t.relkind IN ('r', 'm') AND t.relpersistence <> 't'
       JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE CASE WHEN $1::text[] IS NULL
                 THEN n.nspname NOT IN ('pg_catalog', 'information_schema', 'caretaker') AND n.nspname NOT LIKE 'pg\\_%'
                 ELSE n.nspname = ANY ($1) END
      GROUP BY n.nspname, t.relname, t.reltuples
      ORDER BY 1, 2`,
    [schemas],
  );
  return rows.map((row) => ({
    ...row,
    rows: row.rows === null ? null : Math.round(row.rows),
    bytes: Number(row.bytes),
  }));
}
