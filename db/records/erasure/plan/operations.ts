import type pg from "pg";
import { type KeyColumn, keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { identifier, literal } from "../../../managed/statement.ts";
import type { ColumnMethod } from "../contract.ts";
import { erasedText, erasedUuid, hashText } from "../find/erased.ts";
import type { FoundColumn } from "../find/findings.ts";

/** One statement of an erasure: what becomes of these rows of one table. */
export interface Operation {
  act: "redact" | "delete" | "unlink";
  /** The finding that it belongs to; what goes along with another has none. */
  item: string | null;
  schema: string;
  name: string;
  key: KeyColumn[];
  records: string[];
  columns: { column: Pick<FoundColumn, "name" | "type" | "kind" | "length">; method: ColumnMethod }[];
}

/** The key of hashes, padded for HMAC-SHA256, and the words to take out. */
export interface Secrets {
  outer: Buffer;
  inner: Buffer;
  words: readonly string[];
}

/** The statement, with its rows' keys and its secrets as parameters; repeating it does not undo what it did. */
export function operationSql(operation: Operation, secrets: Secrets): pg.QueryConfig {
  const values: unknown[] = [operation.records];
  const add = (value: unknown) => `$${values.push(value)}`;
  return { text: textOf(operation, add, secrets), values };
}

/** The same for people: without keys and secrets. */
export function shownSql(operation: Operation): string {
  return textOf(operation, (value) => (Buffer.isBuffer(value) ? "$key" : "$words"), {
    outer: Buffer.alloc(0),
    inner: Buffer.alloc(0),
    words: [],
  });
}

function textOf(operation: Operation, add: (value: unknown) => string, secrets: Secrets): string {
  const { act, key, columns } = operation;
  const rows = `unnest($1::text[]) AS r (record)
 CROSS JOIN LATERAL ${keyRecord(key, "r.record", "k")}`;
  if (act === "delete")
    return `DELETE FROM ${quoteTable(operation)} AS t\n USING ${rows}\n WHERE ${sameKey("t", "k", key)}`;
  const sets = columns.map(
    ({ column, method }) => `${identifier(column.name)} = ${valueSql(column, method, add, secrets)}`,
  );
  return `UPDATE ${quoteTable(operation)} AS t\n   SET ${sets.join(",\n       ")}\n  FROM ${rows}\n WHERE ${sameKey("t", "k", key)}`;
}

function valueSql(
  column: Operation["columns"][number]["column"],
  method: ColumnMethod,
  add: (value: unknown) => string,
  { outer, inner, words }: Secrets,
): string {
  const old = `t.${identifier(column.name)}`;
  const cast = (sql: string) => `(${sql})::${column.type}`;
  switch (method.do) {
    case "null":
      return "NULL";
    case "text":
      return `CASE WHEN ${old} IS NOT NULL THEN ${cast(literal(method.to))} END`;
    case "words":
      return cast(`regexp_replace(${old}::text, ${add(patternOf(words))}, ${literal(`[${erasedText}]`)}, 'gi')`);
    case "hash": {
      const hash = `encode(sha256(${add(outer)}::bytea || sha256(${add(inner)}::bytea || convert_to(${old}::text, 'UTF8'))), 'hex')`;
      return `CASE WHEN ${old} IS NOT NULL THEN ${cast(column.kind === "uuid" ? uuidOf(hash) : hashText(old, hash, column.length))} END`;
    }
  }
}

function uuidOf(hash: string): string {
  return `(SELECT '${erasedUuid}-' || substr(h, 1, 4) || '-8' || substr(h, 5, 3) || '-8' || substr(h, 8, 3) || '-' || substr(h, 11, 12) FROM (SELECT ${hash} AS h) AS hashed)`;
}

/** Any of the words, whatever their letters mean to a pattern; longer ones first, so that none leaves its end behind. */
function patternOf(words: readonly string[]): string {
  return words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|");
}
