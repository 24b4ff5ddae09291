import { identifier } from "../statement.ts";

export interface Column {
  name: string;
  /** As format_type prints it. */
  type: string;
  generated: boolean;
}

// Types whose `=` in pg_catalog tells values apart exactly as their text does, and is fast. Any other type is compared as text:
// json and point have no `=`, citext ignores case, numeric without a fixed scale ignores trailing zeros.
const exact = new Set(["smallint", "integer", "bigint", "boolean", "uuid", "date", "oid", "bytea", "jsonb"]);

const isText = (type: string) => type === "text" || type.startsWith("character varying");
const isMoment = (type: string) => type.startsWith("timestamp");

const isFixedScale = (type: string) => /^numeric\(\d+,-?\d+\)$/.test(type);

export const isExact = (type: string) => exact.has(type) || isText(type) || isMoment(type) || isFixedScale(type);

/** json can hold what jsonb cannot, such as \u0000, so it must never be cast unguarded. */
export const isJson = (type: string) => type === "json" || type === "json[]";

const bounded =
  /^(?:smallint|integer|bigint|boolean|uuid|date|oid|real|double precision|money|inet|cidr|macaddr8?|interval|point|numeric.*|time.*|bit\(\d+\)|character(?: varying)?\(\d{1,5}\))$/;

/** SQL of how large a value can be told to be without reading it; null for a type whose values are never large. */
export function sizeOf(column: Column, alias: string): string | null {
  if (bounded.test(column.type)) return null;
  const value = `${alias}.${identifier(column.name)}`;
  return isText(column.type) || column.type === "bytea" ? `octet_length(${value})` : `pg_column_size(${value})`;
}

/** SQL that is true where the column differs between two rows. Text is compared byte by byte, whatever its collation. */
export function differs(column: Column, before: string, after: string): string {
  const left = `${before}.${identifier(column.name)}`;
  const right = `${after}.${identifier(column.name)}`;
  if (isText(column.type)) return `${left}::text IS DISTINCT FROM ${right}::text COLLATE "C"`;
  return isExact(column.type) ? `${left} IS DISTINCT FROM ${right}` : `${left}::text IS DISTINCT FROM ${right}::text`;
}

/** SQL that pairs two rows by one key column; an exotic type is compared as text, since its operator may be out of reach. */
export function sameKey(column: Column, before: string, after: string): string {
  const left = `${before}.${identifier(column.name)}`;
  const right = `${after}.${identifier(column.name)}`;
  return isExact(column.type) ? `${left} = ${right}` : `${left}::text = ${right}::text`;
}

/** The value's canonical text, whatever the session's DateStyle, TimeZone or bytea_output. */
export function textOf(column: Column, alias: string): string {
  const value = `${alias}.${identifier(column.name)}`;
  if (column.type === "timestamp with time zone") return `(to_jsonb(${value} AT TIME ZONE 'UTC') #>> '{}') || 'Z'`;
  if (isMoment(column.type) || column.type === "date") return `to_jsonb(${value}) #>> '{}'`;
  if (column.type === "bytea") return `'\\x' || encode(${value}, 'hex')`;
  return `${value}::text`;
}

/** The keyed hash that stands for a masked value; see sql/050-masking.ts. The variables are declared in capture/entry.ts. */
export function maskOf(column: Column, alias: string): string {
  const bytes = `convert_to(${alias}.${identifier(column.name)}::text, 'UTF8')`;
  return `'masked:' || left(encode(sha256(context.mask_outer || sha256(context.mask_inner || ${bytes})), 'hex'), 32)`;
}

/** The column's value as something that to_json and jsonb_build_object can always take. */
export function recordable(column: Column, alias: string, masked: boolean): string {
  const value = `${alias}.${identifier(column.name)}`;
  if (masked) return maskOf(column, alias);
  // By way of text: the column may have become another type since.
  if (column.type === "json") return `caretaker.plain_json(${value}::text)`;
  return column.type === "json[]" ? `${value}::text` : value;
}
