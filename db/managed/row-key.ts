import pg from "pg";
import { resourceId } from "./capture/key.ts";
import { identifier, relation } from "./statement.ts";

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

/** A canonical key (SQL of its text) as a relation of one row, each column in its own type. */
export function keyRecord(key: readonly KeyColumn[], text: string, alias: string): string {
  const pairs = key.map(({ name }, at) =>
    key.length === 1
      ? `${pg.escapeLiteral(name)}, ${text}::text`
      : `${pg.escapeLiteral(name)}, ${text}::text::jsonb -> ${at}`,
  );
  const columns = key.map(({ name, type }) => `${quote(name)} ${type}`);
  return `jsonb_to_record(jsonb_build_object(${pairs.join(", ")})) AS ${alias} (${columns.join(", ")})`;
}

/** `a.k1 = b.k1 AND a.k2 = b.k2`. */
export function sameKey(a: string, b: string, key: readonly KeyColumn[]): string {
  return key.map(({ name }) => `${a}.${quote(name)} = ${b}.${quote(name)}`).join(" AND ");
}
