import type pg from "pg";
import {
  type ForeignKey as CatalogKey,
  foreignKeysOf,
  foreignKeysTo,
  type TableName,
} from "../managed/foreign-keys.ts";

export interface Column {
  name: string;
  /** As format_type prints it. */
  type: string;
  /** The type beneath a domain, as format_type prints it. */
  plainType: string;
  /** Its name alone: timestamptz, int8, _text. */
  baseType: string;
  nullable: boolean;
  hasDefault: boolean;
  /** The expression of a generated column, as SQL over the others; null for a stored one. */
  generatedAs: string | null;
  identity: boolean;
}

export interface Unique {
  name: string;
  primary: boolean;
  /** Key expressions over the table's columns, as SQL; for plain columns their quoted names. */
  keys: string[];
  /** The columns that they are made of. */
  columns: string[];
  /** The predicate of a partial index, as SQL. */
  predicate: string | null;
  nullsDistinct: boolean;
}

/** A foreign key, with the table at its other end: the parent's of `parents`, the child's of `children`. */
export type ForeignKey = TableName & Omit<CatalogKey, "parent" | "schema" | "table">;

/** What the catalog says about a table now. */
export interface TableShape {
  schema: string;
  name: string;
  partitioned: boolean;
  primaryKey: string[];
  columns: Column[];
  uniques: Unique[];
  parents: ForeignKey[];
  children: ForeignKey[];
  checks: { name: string; expression: string }[];
}

/** Reads the shapes of the tables that are there, in whichever order. */
export async function tableShapes(
  client: pg.ClientBase,
  tables: readonly { schema: string; name: string }[],
): Promise<TableShape[]> {
  if (tables.length === 0) return [];
  const { rows } = await client.query<Omit<TableShape, "parents" | "children">>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind = 'p' AS partitioned, ${primaryKeySql} AS "primaryKey",
            (${list(columnsSql)}) AS columns, (${list(uniquesSql)}) AS uniques, (${list(checksSql)}) AS checks
       FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
       JOIN pg_namespace n ON n.nspname = wanted.schema
       JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind IN ('r', 'p')`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  );
  const named = rows.map(({ schema, name }) => ({ schema, table: name }));
  const up = await foreignKeysOf(client, named);
  const down = await foreignKeysTo(client, named);
  return rows.map((shape) => {
    const isOwn = ({ schema, table }: TableName) => schema === shape.schema && table === shape.name;
    return {
      ...shape,
      uniques: shape.uniques.map((unique) => withColumns(unique, shape.columns)),
      parents: up.filter(isOwn).map(({ parent, ...key }) => ({ ...key, ...parent })),
      children: down.filter(({ parent }) => isOwn(parent)).map(({ parent: _parent, ...key }) => key),
    };
  });
}

/** The catalog lists a key's plain columns; those within an expression are found in its text. */
function withColumns(unique: Unique, columns: readonly Column[]): Unique {
  const inside = columns.filter(({ name }) => {
    const bare = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const mention = new RegExp(`"${bare}"|(?<![\\w"])${bare}(?![\\w"(])`);
    return !unique.columns.includes(name) && unique.keys.some((key) => key.includes("(") && mention.test(key));
  });
  return { ...unique, columns: [...unique.columns, ...inside.map(({ name }) => name)] };
}

/** The rows of a question, in its order, as a JSON array. */
function list(sql: string): string {
  return `SELECT coalesce(json_agg(to_json(l)), '[]') FROM (${sql}) AS l`;
}

function columnNames(relation: string, numbers: string): string {
  return `ARRAY(SELECT a.attname::text FROM unnest(${numbers}) WITH ORDINALITY AS k (num, at)
                 JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.num ORDER BY k.at)`;
}

const primaryKeySql = `coalesce((SELECT ${columnNames("i.indrelid", "i.indkey::int2[]")} FROM pg_index i
                     WHERE i.indrelid = c.oid AND i.indisprimary), '{}')`;

const columnsSql = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
         format_type(b.oid, CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END) AS "plainType", b.typname AS "baseType",
         NOT (a.attnotnull OR t.typnotnull) AS nullable,
         a.atthasdef AND a.attgenerated = '' OR t.typdefault IS NOT NULL AS "hasDefault",
         CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS "generatedAs",
         a.attidentity <> '' AS identity
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attnum`;

const uniquesSql = `
  SELECT u.relname AS name, i.indisprimary AS primary,
         ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS keys,
         ${columnNames("i.indrelid", "i.indkey[0:i.indnkeyatts - 1]::int2[]")} AS columns,
         pg_get_expr(i.indpred, i.indrelid) AS predicate,
         coalesce(to_jsonb(i) ->> 'indnullsnotdistinct', 'false') <> 'true' AS "nullsDistinct"
    FROM pg_index i JOIN pg_class u ON u.oid = i.indexrelid
   WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
   ORDER BY i.indisprimary DESC, u.relname`;

const checksSql = `
  SELECT conname AS name, pg_get_expr(conbin, conrelid) AS expression
    FROM pg_constraint WHERE conrelid = c.oid AND contype = 'c' ORDER BY conname`;
