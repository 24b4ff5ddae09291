import type pg from "pg";

export interface TableName {
  schema: string;
  table: string;
}

/** A foreign key as the catalog has it now. */
export interface ForeignKey extends TableName {
  /** The constraint's. */
  name: string;
  columns: string[];
  parent: TableName;
  parentColumns: string[];
  /** The parent's primary key. */
  parentKey: string[];
  /** What the database does to the child when the parent goes. */
  onDelete: "nothing" | "restrict" | "cascade" | "set null" | "set default";
}

/** The foreign keys of these tables; none for a table that is gone. */
export function foreignKeysOf(client: pg.ClientBase, tables: readonly TableName[]): Promise<ForeignKey[]> {
  return read(client, tables, "conrelid");
}

/** The foreign keys that lead to these tables. */
export function foreignKeysTo(client: pg.ClientBase, tables: readonly TableName[]): Promise<ForeignKey[]> {
  return read(client, tables, "confrelid");
}

async function read(
  client: pg.ClientBase,
  tables: readonly TableName[],
  side: "conrelid" | "confrelid",
): Promise<ForeignKey[]> {
  if (tables.length === 0) return [];
  const { rows } = await client.query<ForeignKey>(
    `SELECT f.conname AS name, n.nspname AS schema, c.relname AS "table",
            json_build_object('schema', pn.nspname, 'table', p.relname) AS parent,
            ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.num ORDER BY k.at) AS columns,
            ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.num ORDER BY k.at) AS "parentColumns",
            ARRAY(SELECT a.attname::text FROM pg_index i
                    CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
                   WHERE i.indrelid = f.confrelid AND i.indisprimary ORDER BY k.at) AS "parentKey",
            CASE f.confdeltype WHEN 'a' THEN 'nothing' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
                 WHEN 'n' THEN 'set null' ELSE 'set default' END AS "onDelete"
       FROM unnest($1::text[], $2::text[]) AS asked (schema, name)
       JOIN pg_namespace an ON an.nspname = asked.schema
       JOIN pg_class ac ON ac.relnamespace = an.oid AND ac.relname = asked.name
       JOIN pg_constraint f ON f.${side} = ac.oid AND f.contype = 'f' AND f.conparentid = 0
       JOIN pg_class c ON c.oid = f.conrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_class p ON p.oid = f.confrelid
       JOIN pg_namespace pn ON pn.oid = p.relnamespace
      ORDER BY f.conname, n.nspname, c.relname`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return rows;
}
