import { literal } from "../../../managed/statement.ts";
import type { Column, TableShape } from "../../table-shape.ts";
import { erasedPattern, erasedText, erasedUuid } from "./erased.ts";
import type { ColumnKind, FoundColumn } from "./findings.ts";

const kinds: Record<string, ColumnKind> = {
  ...{ text: "text", varchar: "text", bpchar: "text", citext: "text", name: "text" },
  ...{ json: "json", jsonb: "json", uuid: "uuid", bytea: "bytes", inet: "inet", cidr: "inet", bool: "boolean" },
  ...{ int2: "number", int4: "number", int8: "number", numeric: "number", float4: "number", float8: "number" },
  ...{ date: "moment", timestamp: "moment", timestamptz: "moment" },
};

function kindOf({ baseType }: Column): ColumnKind {
  return kinds[baseType] ?? (baseType.startsWith("_") ? "array" : "other");
}

/** A column as an erasure sees it; null for a generated one, which follows the others. */
export function foundColumn(shape: TableShape, name: string): FoundColumn | null {
  const column = shape.columns.find((one) => one.name === name);
  if (!column || column.generatedAs !== null) return null;
  const uniques = shape.uniques.filter(({ columns }) => columns.includes(name));
  const pointedAt = shape.children.some(({ parentColumns }) => parentColumns.includes(name));
  const pointing = shape.parents.some(({ columns }) => columns.includes(name));
  const length = /^(?:character varying|character|varchar|char)\((\d+)\)/.exec(column.plainType)?.[1];
  return {
    name,
    type: column.type,
    kind: kindOf(column),
    nullable: column.nullable,
    unique: uniques.length > 0,
    nullsClash: uniques.some(({ nullsDistinct }) => !nullsDistinct),
    key: shape.primaryKey.includes(name) || pointedAt || pointing,
    length: length === undefined ? null : Number(length),
  };
}

/** What a NOT NULL column gets where it can not be empty; null where nothing is known that fits. */
export function fixedValue({ kind, length }: FoundColumn): string | null {
  switch (kind) {
    case "text":
      return length !== null && length < erasedText.length ? "" : erasedText;
    case "json":
    case "array":
      return "{}";
    case "number":
      return "0";
    case "boolean":
      return "false";
    case "moment":
      return "1970-01-01";
    case "inet":
      return "0.0.0.0";
    case "bytes":
      return "\\x";
    default:
      return null;
  }
}

/** SQL: whether a column (SQL of it, and what it is) still holds a personal value. `chosen` are texts that took its place. */
export function holdsSql(column: string, { kind, nullable, length }: FoundColumn, chosen: string | null): string {
  const other = chosen === null ? "" : ` AND ${column}::text <> ${chosen}`;
  const tests: Partial<Record<ColumnKind, string>> = {
    text: `${column}::text <> '' AND ${column}::text !~ ${literal(erasedPattern(length))}`,
    json: `${column}::text NOT IN ('{}', '[]', 'null', '""')`,
    array: `${column}::text <> '{}'`,
    number: `${column} <> 0`,
    boolean: `${column}`,
    moment: `${column} <> '1970-01-01'`,
    inet: `host(${column}) <> '0.0.0.0'`,
    uuid: `${column}::text NOT LIKE '${erasedUuid}-%'`,
    bytes: `length(${column}) > 0`,
  };
  const test = tests[kind];
  // A nullable number, flag or moment is emptied, so that any value is one: only what can not be empty is compared.
  const plain = nullable && (kind === "number" || kind === "boolean" || kind === "moment");
  return `(${column} IS NOT NULL${test && !plain ? ` AND ${test}` : ""}${other})`;
}
