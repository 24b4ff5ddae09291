import { randomBytes } from "node:crypto";
import type pg from "pg";
import { identifier } from "../../managed/statement.ts";

interface Column {
  name: string;
  /** Without a default, and never null. */
  required: boolean;
  type: string;
  label: string | null;
  parent: { table: string; column: string } | null;
}

export type Row = Record<string, unknown>;

/**
 * Inserts rows into tables that it knows from the catalog only: what must have a value and is not given gets one, a parent where a
 * foreign key asks for it. Names go by the session's search path, as an application's do.
 */
export class Maker {
  private readonly tables: ReadonlyMap<string, Column[]>;

  private constructor(tables: ReadonlyMap<string, Column[]>) {
    this.tables = tables;
  }

  static async read(client: pg.ClientBase): Promise<Maker> {
    const { rows } = await client.query<Column & { table: string }>(
      `SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, NULL) AS type,
              a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required,
              (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = a.atttypid ORDER BY e.enumsortorder LIMIT 1) AS label,
              (SELECT json_build_object('table', p.relname, 'column', pa.attname)
                 FROM pg_constraint x JOIN pg_class p ON p.oid = x.confrelid
                 JOIN pg_attribute pa ON pa.attrelid = p.oid AND pa.attnum = x.confkey[1]
                WHERE x.conrelid = c.oid AND x.contype = 'f' AND x.conkey = ARRAY[a.attnum] LIMIT 1) AS parent
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`,
    );
    const tables = new Map<string, Column[]>();
    for (const { table, ...column } of rows) tables.set(table, [...(tables.get(table) ?? []), column]);
    return new Maker(tables);
  }

  has(table: string, column?: string): boolean {
    const columns = this.tables.get(table);
    return columns !== undefined && (column === undefined || columns.some(({ name }) => name === column));
  }

  /** Values for columns that the table does not have are left out. */
  async insert(client: pg.ClientBase, table: string, given: Row): Promise<Row> {
    const columns = this.tables.get(table) ?? [];
    const row: Row = Object.fromEntries(Object.entries(given).filter(([name]) => this.has(table, name)));
    for (const column of columns) {
      if (column.required && !(column.name in row)) row[column.name] = await this.value(client, column);
    }
    const names = Object.keys(row);
    const { rows } = await client.query<Row>(
      `INSERT INTO ${identifier(table)} (${names.map((name) => identifier(name)).join(", ")})
       VALUES (${names.map((_, at) => `$${at + 1}`).join(", ")}) RETURNING *`,
      Object.values(row),
    );
    const [made] = rows;
    if (!made) throw new Error(`Nothing was inserted into ${table}.`);
    return made;
  }

  private async value(client: pg.ClientBase, { type, label, parent }: Column): Promise<unknown> {
    if (parent) return (await this.insert(client, parent.table, {}))[parent.column];
    if (label !== null) return label;
    if (type === "boolean") return false;
    if (/^(integer|bigint|smallint|numeric)/.test(type)) return 1;
    if (/^(timestamp|date)/.test(type)) return "2026-01-01 00:00:00";
    if (type === "jsonb" || type === "json") return "{}";
    if (type === "uuid") return crypto.randomUUID();
    return randomBytes(12).toString("hex");
  }
}
