import type { MovingTable } from "../../managed/moving/table.ts";
import { identifier, literal } from "../../managed/statement.ts";

/** A key's columns as PostgreSQL prints them. Both sessions print alike, whatever their servers' settings. */
export type Key = string[];

type Keyed = Pick<MovingTable, "keys">;

export function keyList(table: Keyed, alias: string): string {
  return table.keys.map(({ name }) => `${alias}.${identifier(name)}`).join(", ");
}

/** "ARRAY[…]" of a row's key as text, or null for one of nothing. */
export function keyText(table: Keyed, alias: string): string {
  return `ARRAY[${table.keys.map(({ name }) => `${alias}.${identifier(name)}::text`).join(", ")}]`;
}

/** SQL that a row's key lies behind `after` and not behind `upTo`. */
export function between(table: Keyed, alias: string, after: Key | null, upTo: Key | null): string {
  const own = `(${keyList(table, alias)})`;
  return [
    ...(after ? [`${own} > (${spelled(table, after)})`] : []),
    ...(upTo ? [`${own} <= (${spelled(table, upTo)})`] : []),
    "true",
  ].join(" AND ");
}

function spelled(table: Keyed, key: Key): string {
  return table.keys.map(({ type }, at) => `${literal(key[at] ?? "")}::${type}`).join(", ");
}

/** SQL of a set of keys as a table: `FROM … AS k (k1, k2)`. */
export function keySet(table: Keyed, keys: readonly Key[]): string {
  const arrays = table.keys.map(({ type }, at) => `${literal(arrayText(keys.map((key) => key[at] ?? "")))}::${type}[]`);
  return `unnest(${arrays.join(", ")}) AS k (${table.keys.map((_, at) => `k${at + 1}`).join(", ")})`;
}

/** SQL that joins a row to the key set `k`. */
export function isKey(table: Keyed, alias: string): string {
  return table.keys.map(({ name }, at) => `${alias}.${identifier(name)} = k.k${at + 1}`).join(" AND ");
}

function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/[\\"]/g, "\\$&")}"`).join(",")}}`;
}
