import type { FieldChange } from "./fields.ts";
import { isExact } from "./json.ts";

/** The row that a difference is of. */
export interface SqlTarget {
  schema: string;
  table: string;
  /** The columns of its primary key. */
  key: readonly string[];
  /** By column, its type, so that lists and JSON are written as what they are. */
  types: Readonly<Record<string, string>>;
}

/**
 * The difference as a statement that makes it: INSERT for a row that was made, UPDATE, DELETE. Null where the key is not known. A
 * masked value cannot be written, and is left out with a remark.
 */
export function asSql(changes: readonly FieldChange[], all: readonly FieldChange[], target: SqlTarget): string | null {
  const table = `${quoted(target.schema)}.${quoted(target.table)}`;
  const masked = changes.filter(({ before, after }) => [before, after].some(isMasked)).map(({ field }) => field);
  const remark = masked.length === 0 ? "" : `-- Left out, because the log holds only a hash: ${masked.join(", ")}\n`;
  const sayable = changes.filter(({ field }) => !masked.includes(field));
  if (changes.every(({ kind }) => kind === "created")) {
    const columns = sayable.map(({ field }) => quoted(field)).join(", ");
    const values = sayable.map(({ field, after }) => written(after, target.types[field])).join(", ");
    return `${remark}INSERT INTO ${table} (${columns})\nVALUES (${values});`;
  }
  const where = keyCondition(all, target);
  if (where === null) return null;
  if (changes.every(({ kind }) => kind === "deleted")) return `DELETE FROM ${table}\n WHERE ${where};`;
  const set = sayable.map(({ field, after }) => `${quoted(field)} = ${written(after, target.types[field])}`);
  return set.length === 0 ? null : `${remark}UPDATE ${table}\n   SET ${set.join(",\n       ")}\n WHERE ${where};`;
}

function keyCondition(all: readonly FieldChange[], { key, types }: SqlTarget): string | null {
  const parts = key.map((column) => {
    const field = all.find((one) => one.field === column);
    const value = field?.before ?? field?.after;
    return value === undefined || value === null || isMasked(value)
      ? null
      : `${quoted(column)} = ${written(value, types[column])}`;
  });
  return parts.length === 0 || parts.includes(null) ? null : parts.join(" AND ");
}

function written(value: unknown, type = ""): string {
  if (value === undefined || value === null) return "NULL";
  if (type.endsWith("[]") && Array.isArray(value)) {
    return `ARRAY[${value.map((item) => written(item, type.slice(0, -2))).join(", ")}]::${type}`;
  }
  const exact = isExact(value);
  if ((typeof value === "object" && !exact) || /^jsonb?$/.test(type))
    return `${literal(JSON.stringify(value))}${type ? `::${type}` : ""}`;
  return exact || typeof value === "boolean" || typeof value === "number" ? String(value) : literal(String(value));
}

function isMasked(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("masked:");
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

// Of PostgreSQL's reserved words those that columns and tables are called by.
const reserved = new Set(
  [
    "user",
    "order",
    "group",
    "table",
    "column",
    "check",
    "default",
    "desc",
    "end",
    "from",
    "to",
    "limit",
    "offset",
  ].concat([
    "primary",
    "references",
    "select",
    "when",
    "where",
    "window",
    "with",
    "grant",
    "both",
    "case",
    "cast",
    "all",
    "any",
    "as",
    "asc",
  ]),
);

function literal(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
