import type { MovingTable } from "../../managed/moving/table.ts";
import { identifier } from "../../managed/statement.ts";

/**
 * SQL of a row's 64-bit hash: of its columns as text, which both sessions print alike. hash_record_extended would be faster and
 * has no answer for json, xml and geometric types.
 */
export function rowHash(table: MovingTable, alias: string): string {
  const row = `ROW(${table.columns.map((name) => `${alias}.${identifier(name)}`).join(", ")})::text`;
  return `hashtextextended(${row} COLLATE "C", 0)`;
}

/** SQL of the 64-bit hash of a row's key, by which rows fall into buckets alike on both sides, whatever their collations. */
export function keyHash(table: MovingTable, alias: string): string {
  const key = `ROW(${table.keys.map(({ name }) => `${alias}.${identifier(name)}`).join(", ")})::text`;
  return `hashtextextended(${key} COLLATE "C", 1)`;
}
