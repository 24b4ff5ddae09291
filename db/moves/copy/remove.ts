import { carriedBy } from "../../managed/holds/carried.ts";
import { names } from "../../managed/holds/refuse.ts";
import { isNoOthers, type MovingTable, type Standing } from "../../managed/moving/table.ts";
import { literal, relation } from "../../managed/statement.ts";
import type { End, Pair } from "../pair.ts";
import { isKey, type Key, keySet, keyText } from "./keys.ts";
import { isMine, type Strays } from "./strays.ts";

/** Noted keys of a table, and which of its rows without a tenant are this one's. */
interface Noted {
  table: MovingTable;
  keys: readonly Key[];
  strays: Strays;
}

/**
 * Takes the rows of noted keys away at the receiving place, to put them there as the giving one has them. A copy that comes back may go
 * although a hold keeps it; a row that is gone at the giving place goes for good, and only where no hold keeps it here.
 */
export async function removeCopies(pair: Pair, noted: Noted, guarded: ReadonlySet<string>): Promise<number> {
  const { table, keys } = noted;
  const all = { table, set: keySet(table, keys) };
  if (!guarded.has(table.name)) return removeRows(pair.to, all);
  const back = new Set((await keysThere(pair.from, noted)).map((key) => JSON.stringify(key)));
  const gone = keys.filter((key) => !back.has(JSON.stringify(key)));
  const removed = gone.length > 0 ? await removeRows(pair.to, { table, set: keySet(table, gone) }) : 0;
  await pair.to.client.query(`SET LOCAL ${carriedBy} = ${literal(pair.moveId)}`);
  const replaced = await removeRows(pair.to, all);
  await pair.to.client.query(`SET LOCAL ${carriedBy} = ''`);
  return removed + replaced;
}

/** The names of those of the receiving place's tables that a legal hold guards. */
export async function guardedTables({ to }: Pair, tables: readonly MovingTable[]): Promise<Set<string>> {
  if (tables.length === 0) return new Set();
  const relations = tables.map(({ name }) => `${literal(relation(to.standing.schema, name))}::regclass`);
  const { rows } = await to.client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
      WHERE t.tgrelid = ANY (ARRAY[${relations.join(", ")}]::oid[]) AND t.tgname = ${literal(names.delete)}`,
  );
  return new Set(rows.map(({ name }) => name));
}

async function keysThere({ client, standing }: End, { table, keys, strays }: Noted): Promise<Key[]> {
  const { rows } = await client.query<{ key: Key }>(
    `SELECT ${keyText(table, "t")} AS key
       FROM ${keySet(table, keys)} JOIN ${relation(standing.schema, table.name)} AS t ON ${isKey(table, "t")}
      WHERE ${isMine(table, standing, "t", strays)}`,
  );
  return rows.map(({ key }) => key);
}

/** Of a set of keys. */
interface Removed {
  table: MovingTable;
  set: string;
}

export async function removeRows({ client, standing }: End, rows: Removed): Promise<number> {
  const { rowCount } = await client.query(removeRowsSql(standing, rows));
  return rowCount ?? 0;
}

/** Never another tenant's row, should it have the same key. */
export function removeRowsSql(standing: Standing, { table, set }: Removed): string {
  return `DELETE FROM ${relation(standing.schema, table.name)} AS t USING ${set}
      WHERE ${isKey(table, "t")} AND ${isNoOthers(table, standing, "t")}`;
}
