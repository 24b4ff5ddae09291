import type pg from "pg";

/** A table of the tenant as the catalog of one place has it now. */
export interface FoundTable {
  name: string;
  kind: "table" | "partitioned" | "other";
  logged: boolean;
  columns: FoundColumn[];
  /** The primary key, or else a unique index over columns that are never null. */
  key: string[];
  rowSecurity: { enabled: boolean; forced: boolean };
  /** Whether it applies to the role that asks. */
  hidden: boolean;
  owner: string;
  estimatedRows: number;
  bytes: number;
  indexBytes: number;
  /** Of the application: Caretaker's own are left out. */
  triggers: { name: string; always: boolean; function: string }[];
  foreignKeys: {
    name: string;
    columns: string[];
    schema: string;
    table: string;
    parentColumns: string[];
    unique: boolean;
  }[];
}

interface FoundColumn {
  name: string;
  type: string;
  generated: boolean;
  /** Whether its binary form means the same in another database. */
  portable: boolean;
  /** Whether the type comes with PostgreSQL. */
  builtIn: boolean;
  /** Whether it may point to a large object. */
  largeObject: boolean;
}

/** These tables of one schema; one that is not there is left out. */
export async function findTables(
  client: pg.ClientBase,
  schema: string,
  names: readonly string[],
): Promise<FoundTable[]> {
  const { rows } = await client.query<FoundTable>(
    `SELECT c.relname AS name,
            CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' ELSE 'other' END AS kind,
            c.relpersistence = 'p' AS logged,
            json_build_object('enabled', c.relrowsecurity, 'forced', c.relforcerowsecurity) AS "rowSecurity",
            row_security_active(c.oid)
              AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'caretaker_staff') AS hidden,
            pg_get_userbyid(c.relowner)::text AS owner,
            greatest(c.reltuples, 0)::float8 AS "estimatedRows",
            pg_table_size(c.oid)::float8 AS bytes, pg_indexes_size(c.oid)::float8 AS "indexBytes",
            (SELECT json_agg(json_build_object(
                      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'generated', a.attgenerated <> '',
                      'builtIn', t.oid < 16384,
                      'portable', t.oid < 16384 OR t.typtype = 'e' OR t.typtype = 'd' AND t.typbasetype < 16384,
                      'largeObject', t.oid = 'oid'::regtype OR t.typname = 'lo') ORDER BY a.attnum)
               FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
            coalesce((SELECT json_agg(a.attname ORDER BY k.place)
                        FROM (SELECT i.indexrelid, i.indkey
                                FROM pg_index i
                               WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                                 AND i.indexprs IS NULL
                                 AND NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) AS n (num)
                                                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n.num
                                                  WHERE NOT a.attnotnull)
                               ORDER BY i.indisprimary DESC, i.indimmediate DESC, i.indnkeyatts, i.indexrelid LIMIT 1) AS i
                       CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, place)
                        JOIN pg_index x ON x.indexrelid = i.indexrelid
                        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num
                       WHERE k.place <= x.indnkeyatts), '[]') AS key,
            coalesce((SELECT json_agg(json_build_object('name', g.tgname, 'always', g.tgenabled IN ('A', 'R'),
                                                        'function', f.proname) ORDER BY g.tgname)
                        FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid JOIN pg_namespace fn ON fn.oid = f.pronamespace
                       WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND fn.nspname <> 'caretaker'), '[]') AS triggers,
            coalesce((SELECT json_agg(json_build_object(
                        'name', x.conname, 'schema', pn.nspname, 'table', p.relname,
                        'unique', EXISTS (SELECT FROM pg_index u
                                           WHERE u.indrelid = c.oid AND u.indisunique AND u.indpred IS NULL AND u.indexprs IS NULL
                                             AND u.indkey::int2[] <@ x.conkey),
                        'columns', ARRAY(SELECT a.attname FROM unnest(x.conkey) WITH ORDINALITY AS k (num, at)
                                           JOIN pg_attribute a ON a.attrelid = x.conrelid AND a.attnum = k.num ORDER BY k.at),
                        'parentColumns', ARRAY(SELECT a.attname FROM unnest(x.confkey) WITH ORDINALITY AS k (num, at)
                                           JOIN pg_attribute a ON a.attrelid = x.confrelid AND a.attnum = k.num ORDER BY k.at)) ORDER BY x.conname)
                        FROM pg_constraint x JOIN pg_class p ON p.oid = x.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
                       WHERE x.conrelid = c.oid AND x.contype = 'f' AND x.conparentid = 0), '[]') AS "foreignKeys"
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      ORDER BY c.relname`,
    [schema, names],
  );
  return rows;
}
