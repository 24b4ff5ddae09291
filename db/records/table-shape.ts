import type pg from "pg";
import { type ForeignKey, foreignKeysOf, type TableName } from "../managed/foreign-keys.ts";

export interface Column {
  name: string;
  type: string;
  /** The type's name beneath domains: timestamptz, int8, _text. */
  baseType: string;
  nullable: boolean;
  hasDefault: boolean;
  generated: boolean;
  identity: boolean;
}

export interface Unique {
  name: string;
  primary: boolean;
  /** Key expressions over the table's columns, as SQL; for plain columns their quoted names. */
  keys: string[];
  columns: string[];
  /** The predicate of a partial index, as SQL. */
  predicate: string | null;
  nullsDistinct: boolean;
}

/** A foreign key by where it leads to. */
export type Parent = TableName & Pick<ForeignKey, "name" | "columns" | "parentColumns" | "parentKey">;

/** What the catalog says about a table now. */
export interface TableShape {
  schema: string;
  name: string;
  columns: Column[];
  uniques: Unique[];
  parents: Parent[];
  checks: { name: string; expression: string }[];
}

/** Reads one table's shape; null when there is no such table any more. */
export async function tableShape(client: pg.PoolClient, schema: string, name: string): Promise<TableShape | null> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid::text AS oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')`,
    [schema, name],
  );
  const oid = rows[0]?.oid;
  if (oid === undefined) return null;
  return {
    schema,
    name,
    columns: await tableColumns(client, oid),
    uniques: await tableUniques(client, oid),
    parents: await tableParents(client, { schema, table: name }),
    checks: await tableChecks(client, oid),
  };
}

async function tableColumns(client: pg.PoolClient, oid: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, b.typname AS "baseType",
            NOT (a.attnotnull OR t.typnotnull) AS nullable,
            a.atthasdef AND a.attgenerated = '' OR t.typdefault IS NOT NULL AS "hasDefault",
            a.attgenerated <> '' AS generated, a.attidentity <> '' AS identity
       FROM pg_attribute a
       JOIN pg_type t ON t.oid = a.atttypid
       JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
      WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum`,
    [oid],
  );
  return rows;
}

async function tableUniques(client: pg.PoolClient, oid: string): Promise<Unique[]> {
  const { rows } = await client.query<Unique>(
    `SELECT c.relname AS name, i.indisprimary AS primary,
            ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS keys,
            ARRAY(SELECT a.attname::text FROM pg_attribute a
                   WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
                   ORDER BY array_position(i.indkey::int2[], a.attnum)) AS columns,
            pg_get_expr(i.indpred, i.indrelid) AS predicate,
            coalesce(to_jsonb(i) ->> 'indnullsnotdistinct', 'false') <> 'true' AS "nullsDistinct"
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid
      ORDER BY i.indisprimary DESC, c.relname`,
    [oid],
  );
  return rows;
}

async function tableParents(client: pg.PoolClient, table: TableName): Promise<Parent[]> {
  const keys = await foreignKeysOf(client, [table]);
  return keys.map(({ parent, ...key }) => ({ ...key, ...parent }));
}

async function tableChecks(client: pg.PoolClient, oid: string): Promise<TableShape["checks"]> {
  const { rows } = await client.query<{ name: string; expression: string }>(
    `SELECT conname AS name, pg_get_expr(conbin, conrelid) AS expression
       FROM pg_constraint WHERE conrelid = $1 AND contype = 'c' ORDER BY conname`,
    [oid],
  );
  return rows;
}
