import { keysTable, type MovingTable, type Standing } from "../../managed/moving/table.ts";
import { relation } from "../../managed/statement.ts";
import { type End, inBoth, isOneDatabase, type Pair } from "../pair.ts";
import { rowHash } from "../verify/hash.ts";
import { requireAlike } from "./alike.ts";
import { isKey, type Key, keySet } from "./keys.ts";
import { bringParents } from "./parents.ts";
import { guardedTables, removeCopies } from "./remove.ts";
import { carryRows } from "./rows.ts";
import { isMine, type Strays, writtenStrays } from "./strays.ts";

export interface Drained {
  /** Keys that were read again, by the table's ordinal. */
  keys: Map<number, number>;
  total: number;
  ms: number;
}

interface Dirty {
  table: MovingTable;
  keys: readonly Key[];
  set: string;
  strays: Strays;
}

/** A row that differs between the two places, by the keys of its table. */
class RowsDiffer extends Error {
  readonly table: string;
  constructor(table: string, what: string) {
    super(`Rows of ${table} differ between the two places: ${what}.`);
    this.name = "RowsDiffer";
    this.table = table;
  }
}

/**
 * Brings the receiving place to one snapshot of the giving one, over all tables: takes the noted keys, removes their rows from
 * the receiving place and puts the rows there that the snapshot has. So the order of writes plays no part, and doing it again
 * does no harm. What was put there is compared by checksum before it commits.
 *
 * `before` runs when the receiving place has committed and the giving one has not: still in its snapshot.
 */
export async function drain(
  pair: Pair,
  before: (drained: Drained) => Promise<void> = async () => {},
): Promise<Drained> {
  const begun = performance.now();
  return inBoth(
    pair,
    async () => {
      await requireAlike(pair);
      const dirty = await takeKeys(pair);
      const guarded = await guardedTables(
        pair,
        dirty.map(({ table }) => table),
      );
      for (const one of dirty.toReversed()) await removeCopies(pair, one, guarded);
      for (const one of dirty) {
        await carryRows(pair, one.table, rowsOf(pair.from.standing, one));
        await compare(pair, one);
        await bringParents(pair, one.table, one.set);
      }
      const keys = new Map(dirty.map((one) => [one.table.ordinal, one.keys.length]));
      const total = dirty.reduce((sum, one) => sum + one.keys.length, 0);
      return { keys, total, ms: performance.now() - begun };
    },
    before,
  );
}

/** The noted keys of the snapshot, each once. They are forgotten when the giving place commits. */
async function takeKeys(pair: Pair): Promise<Dirty[]> {
  const { client, standing } = pair.from;
  const asks = pair.tables.map(
    ({ ordinal }) => `SELECT ${ordinal} AS ordinal WHERE EXISTS (SELECT FROM ${keysTable(standing, ordinal)})`,
  );
  const { rows } = await client.query<{ ordinal: number }>(asks.join(" UNION ALL "));
  const noted = new Set(rows.map(({ ordinal }) => ordinal));
  const dirty: Dirty[] = [];
  for (const table of pair.tables.filter(({ ordinal }) => noted.has(ordinal))) {
    const { rows: taken } = await client.query<{ key: Key }>(takeKeysSql(table, standing));
    const keys = taken.map(({ key }) => key);
    const set = keySet(table, keys);
    dirty.push({ table, keys, set, strays: await writtenStrays(pair, table, set) });
  }
  return dirty;
}

export function takeKeysSql(table: MovingTable, standing: Standing): string {
  const columns = table.keys.map((_, at) => `k${at + 1}::text`);
  return `WITH taken AS (DELETE FROM ${keysTable(standing, table.ordinal)} RETURNING *)
     SELECT DISTINCT ARRAY[${columns.join(", ")}] AS key FROM taken`;
}

/** The noted keys of a table as they are now, each once. They stay noted. */
export async function notedKeys({ client, standing }: End, table: MovingTable): Promise<Key[]> {
  const columns = table.keys.map((_, at) => `k${at + 1}::text`);
  const { rows } = await client.query<{ key: Key }>(
    `SELECT DISTINCT ARRAY[${columns.join(", ")}] AS key FROM ${keysTable(standing, table.ordinal)}`,
  );
  return rows.map(({ key }) => key);
}

export function rowsOf(standing: Standing, { table, set, strays }: Omit<Dirty, "keys">): string {
  return `FROM ${set} JOIN ${relation(standing.schema, table.name)} AS t ON ${isKey(table, "t")}
    WHERE ${isMine(table, standing, "t", strays)}`;
}

async function compare(pair: Pair, dirty: Dirty): Promise<void> {
  const { from, to } = pair;
  const ask = async (end: End) => {
    const { rows } = await end.client.query<{ rows: string; sum: string }>(
      `SELECT count(*)::text AS rows, coalesce(sum(${rowHash(dirty.table, "t")}), 0)::text AS sum ${rowsOf(end.standing, dirty)}`,
    );
    return rows[0];
  };
  const [source, target] = isOneDatabase(pair)
    ? [await ask(from), await ask(to)]
    : await Promise.all([ask(from), ask(to)]);
  if (source?.rows === target?.rows && source?.sum === target?.sum) return;
  throw new RowsDiffer(dirty.table.name, `${source?.rows} and ${target?.rows} rows among those just carried`);
}

/** How many keys are noted and not yet carried, at most `limit` of them. */
export async function countNoted(pair: Pair, limit = 100_000): Promise<number> {
  const { client, standing } = pair.from;
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (${pair.tables
      .map(({ ordinal }) => `(SELECT FROM ${keysTable(standing, ordinal)} LIMIT ${limit})`)
      .join(" UNION ALL ")}) AS noted`,
  );
  return rows[0]?.count ?? 0;
}
