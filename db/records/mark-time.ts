import { quote } from "../managed/row-key.ts";

/** SQL: a deletion column's value as a moment; timestamps without a zone are read as UTC. */
export function utc(column: string, type: string): string {
  return isZoned(type) ? column : `(${column}::timestamp AT TIME ZONE 'UTC')`;
}

/** SQL: a moment in the column's own type, so that the column is compared bare. */
export function asColumn(time: string, type: string): string {
  if (isZoned(type)) return time;
  return `(${time} AT TIME ZONE 'UTC')::${type === "date" ? "date" : "timestamp"}`;
}

function isZoned(type: string): boolean {
  return type.endsWith("with time zone");
}

interface Mark {
  column: string;
  kind: "timestamp" | "boolean";
}

/** SQL: whether the row `alias` is marked as deleted. */
export function markedSql({ column, kind }: Mark, alias: string): string {
  return `${alias}.${quote(column)} ${kind === "boolean" ? "IS TRUE" : "IS NOT NULL"}`;
}
