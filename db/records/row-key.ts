import pg from "pg";
import { resourceId } from "../managed/capture/key.ts";
import { identifier, relation } from "../managed/statement.ts";

export const quote = identifier;

export interface KeyColumn {
  name: string;
  /** As format_type prints it. */
  type: string;
}

export function quoteTable(table: { schema: string; name: string }): string {
  return relation(table.schema, table.name);
}

/** A row's key as the audit log writes it. SQL over `alias`. */
export function keyText(alias: string, key: readonly KeyColumn[]): string {
  return resourceId(
    key.map((column) => ({ ...column, generated: false })),
    alias,
  );
}

/** The columns of a key, with their types; none when one of them is gone. */
export function keyColumns(primaryKey: readonly string[], columns: readonly KeyColumn[]): KeyColumn[] {
  const found = primaryKey.flatMap((name) => columns.find((column) => column.name === name) ?? []);
  return found.length === primaryKey.length ? found : [];
}

/** A row of the table's type that holds a canonical key only, so that each of its columns is compared in its own type. */
export function keyRecord(
  table: { schema: string; name: string },
  primaryKey: readonly string[],
  placeholder: string,
): string {
  const pairs = primaryKey.map((column, at) =>
    primaryKey.length === 1
      ? `${pg.escapeLiteral(column)}, ${placeholder}::text`
      : `${pg.escapeLiteral(column)}, ${placeholder}::text::jsonb -> ${at}`,
  );
  return `jsonb_populate_record(NULL::${quoteTable(table)}, jsonb_build_object(${pairs.join(", ")}))`;
}

/** `a.k1 = b.k1 AND a.k2 = b.k2`. */
export function sameKey(a: string, b: string, primaryKey: readonly string[]): string {
  return primaryKey.map((column) => `${a}.${quote(column)} = ${b}.${quote(column)}`).join(" AND ");
}
