import { belongs, isStray, type MovingTable, type Standing } from "../../managed/moving/table.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import type { End, Pair } from "../pair.ts";
import { isKey, type Key, keySet, keyText } from "./keys.ts";

/**
 * Rows that lead to no tenant, as those whose parent was deleted with ON DELETE SET NULL. In shared tables they are nobody's, and
 * there they stay. At a place of the tenant's own they are the tenant's: they go along, and are known again in shared tables by
 * their keys, which the other place has too.
 */
export type Strays = readonly Key[];

/** SQL of the rows of one place that are the tenant's. `strays` are those that its own place has. */
export function isMine(table: MovingTable, standing: Standing, alias: string, strays: Strays): string {
  const mine = belongs(table, standing, alias);
  if (!standing.shared || strays.length === 0) return mine;
  const known = `EXISTS (SELECT FROM ${keySet(table, strays)} WHERE ${isKey(table, alias)})`;
  return `(${mine} OR ${isStray(table, standing, alias)} AND ${known})`;
}

/** Rows that are removed in one statement, at most. */
export const removedAtOnce = 5_000;

/** Removes some of the tenant's rows where other tenants' rows are too; run it until it finds fewer than `limit`. */
export function removeBatch(table: MovingTable, standing: Standing, strays: Strays, limit: number): Statement {
  const name = relation(standing.schema, table.name);
  return {
    sql: `DELETE FROM ${name} WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM ${name} AS t WHERE ${isMine(table, standing, "t", strays)} LIMIT ${limit}))`,
    object: `the tenant's rows of ${name}`,
    lock: `ROW EXCLUSIVE on ${name}, one batch at a time: other tenants' rows are not locked`,
    why: "Nobody can read or write them any more. In batches, until none is left.",
    transactional: true,
  };
}

/** Of all rows, the strays of the tenant's own place; none where both places are its own. */
export async function findStrays({ from, to }: Pick<Pair, "from" | "to">, table: MovingTable): Promise<Strays> {
  if (from.standing.shared === to.standing.shared) return [];
  return straysOf(from.standing.shared ? to : from, table);
}

/** Of a set of keys that were written at the giving place, the strays that go over. */
export async function writtenStrays({ from, to }: Pair, table: MovingTable, set: string): Promise<Strays> {
  if (from.standing.shared === to.standing.shared) return [];
  const strays = await straysOf(from, table, set);
  return from.standing.shared && strays.length > 0 ? present(to, table, strays) : strays;
}

async function straysOf({ client, standing }: End, table: MovingTable, set?: string): Promise<Strays> {
  const { rows } = await client.query<{ key: Key }>(
    `SELECT ${keyText(table, "t")} AS key FROM ${relation(standing.schema, table.name)} AS t
      ${set === undefined ? "" : `JOIN ${set} ON ${isKey(table, "t")}`} WHERE ${isStray(table, standing, "t")}`,
  );
  return rows.map(({ key }) => key);
}

async function present({ client, standing }: End, table: MovingTable, keys: Strays): Promise<Strays> {
  const { rows } = await client.query<{ key: Key }>(
    `SELECT ${keyText(table, "t")} AS key
       FROM ${relation(standing.schema, table.name)} AS t JOIN ${keySet(table, keys)} ON ${isKey(table, "t")}`,
  );
  return rows.map(({ key }) => key);
}
