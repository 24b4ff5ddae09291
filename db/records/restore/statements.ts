import type { SoftDelete } from "../../schema/fleet.ts";
import { keyRecord, quote, quoteTable, sameKey } from "../row-key.ts";
import type { TableShape } from "../table-shape.ts";

/** Puts a row back from its image ($1): generated columns are left to the database, identity columns keep their value. */
export function insertSql(table: TableShape, written: readonly string[]): string {
  const columns = written.map(quote).join(", ");
  const target = quoteTable(table);
  return `INSERT INTO ${target} AS t (${columns}) OVERRIDING SYSTEM VALUE
SELECT ${columns} FROM jsonb_populate_record(NULL::${target}, $1::jsonb)
RETURNING to_jsonb(t)::text AS row`;
}

/** Takes the deletion mark off the row whose canonical key is $1. */
export function unmarkSql(table: TableShape, primaryKey: readonly string[], { column, kind }: SoftDelete): string {
  return `UPDATE ${quoteTable(table)} AS t SET ${quote(column)} = ${kind === "boolean" ? "false" : "NULL"}
  FROM ${keyRecord(table, primaryKey, "$1")} AS asked
 WHERE ${sameKey("t", "asked", primaryKey)}
RETURNING to_jsonb(t)::text AS row`;
}

/**
 * Compares a row as written ($2) with its image ($1) over the given columns ($3), both as the table holds them:
 * their hashes, and the columns that differ.
 */
export function proofSql(table: TableShape): string {
  return `SELECT encode(sha256(convert_to(planned.image::text, 'UTF8')), 'hex') AS "plannedHash",
       encode(sha256(convert_to(standing.image::text, 'UTF8')), 'hex') AS "rowHash",
       ARRAY(SELECT key FROM jsonb_each(planned.image) WHERE value IS DISTINCT FROM standing.image -> key ORDER BY key) AS differing
  FROM (SELECT jsonb_object_agg(key, value) AS image
          FROM jsonb_each(to_jsonb(jsonb_populate_record(NULL::${quoteTable(table)}, $1::jsonb))) WHERE key = ANY ($3::text[])) AS planned,
       (SELECT jsonb_object_agg(key, value) AS image FROM jsonb_each($2::jsonb) WHERE key = ANY ($3::text[])) AS standing`;
}
