import { type Column, maskOf, textOf } from "./columns.ts";

// btree entries end at 2,704 bytes; a key that JSON quoting or encoding blew up must not make the application's write fail.
const keyBytesMax = 1000;

/**
 * SQL of an entry's `resource_id`: the primary key's canonical text; of a composite key a JSON array of such texts without
 * spaces, as JSON.stringify prints it; NULL without a primary key. Keys over 1,000 bytes are shortened and end in their MD5.
 */
export function resourceId(key: readonly Column[], alias: string, masked: readonly string[] = []): string {
  const parts = key.map((column) => (masked.includes(column.name) ? maskOf(column, alias) : textOf(column, alias)));
  const [first, ...rest] = parts;
  if (first === undefined) return "NULL::text";
  const text =
    rest.length === 0 ? first : `'[' || ${parts.map((part) => `to_json(${part})`).join(" || ',' || ")} || ']'`;
  return key.every(isShort) ? text : `caretaker.short_key(${text}, ${keyBytesMax})`;
}

function isShort(column: Column): boolean {
  return (
    ["smallint", "integer", "bigint", "boolean", "uuid", "date"].includes(column.type) ||
    column.type.startsWith("timestamp")
  );
}
