import pg from "pg";

/**
 * A query with its values written into it, quoted by the driver: COPY takes no parameters. Only text, numbers and lists of text
 * are values of the log's filter.
 */
export function inlined(text: string, values: readonly unknown[]): string {
  return text.replaceAll(/\$(\d+)/g, (_whole, place: string) => literal(values[Number(place) - 1]));
}

function literal(value: unknown): string {
  if (typeof value === "string") return pg.escapeLiteral(value).trim();
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value === "boolean") return String(value);
  if (value === null) return "NULL";
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join(", ")}]`;
  throw new TypeError("A filter's value is none that can be written into SQL.");
}
