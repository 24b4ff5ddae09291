import type pg from "pg";
import type { JsonValue } from "./lossless.ts";

export interface TableName {
  schema: string;
  table: string;
}

/** A foreign key as the catalog has it now. */
export interface ForeignKey extends TableName {
  columns: string[];
  parent: TableName;
  parentColumns: string[];
  /** The parent's primary key. */
  parentKey: string[];
}

/** The foreign keys of these tables; none for a table that is gone. */
export async function foreignKeysOf(client: pg.PoolClient, tables: readonly TableName[]): Promise<ForeignKey[]> {
  if (tables.length === 0) return [];
  const { rows } = await client.query<ForeignKey>(
    `SELECT n.nspname AS schema, c.relname AS "table", json_build_object('schema', pn.nspname, 'table', p.relname) AS parent,
            ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.num ORDER BY k.at) AS columns,
            ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.num ORDER BY k.at) AS "parentColumns",
            ARRAY(SELECT a.attname::text FROM pg_index i
                    CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
                   WHERE i.indrelid = f.confrelid AND i.indisprimary ORDER BY k.at) AS "parentKey"
       FROM unnest($1::text[], $2::text[]) AS asked (schema, name)
       JOIN pg_namespace n ON n.nspname = asked.schema
       JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = asked.name
       JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0
       JOIN pg_class p ON p.oid = f.confrelid
       JOIN pg_namespace pn ON pn.oid = p.relnamespace
      ORDER BY f.conname`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return rows;
}

export type RowImage = Readonly<Record<string, JsonValue>>;

/**
 * The key of the parent that a row points at, as `resource_id` has it; null where it points at none, or not by the parent's
 * primary key.
 */
export function parentRecord(key: ForeignKey, row: RowImage): string | null {
  const { columns, parentColumns, parentKey } = key;
  if (parentKey.length === 0 || parentKey.length !== parentColumns.length) return null;
  const parts = parentKey.map((column) => keyText(row[columns[parentColumns.indexOf(column)] ?? ""]));
  const known = parts.filter((part) => part !== null);
  if (known.length !== parts.length) return null;
  return known.length === 1 ? (known[0] ?? null) : JSON.stringify(known);
}

function keyText(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null || typeof value === "object") return null;
  return String(value);
}

/** One text for a record of a table, to look it up by. */
export function recordAddress({ schema, table }: TableName, record: string): string {
  return JSON.stringify([schema, table, record]);
}
