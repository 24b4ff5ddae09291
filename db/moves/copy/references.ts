import type pg from "pg";
import { identifier, relation, type Statement } from "../../managed/statement.ts";
import { inBoth, type Pair } from "../pair.ts";
import { findTables } from "../plan/catalog.ts";
import type { ReferenceTable } from "../plan/references.ts";
import { between, isKey, type Key, keyList, keySet, keyText } from "./keys.ts";
import { carryShared } from "./parents.ts";
import { carryInto, type Receiving } from "./rows.ts";

const keysAtOnce = 10_000;

/**
 * Brings the shared tables that went along to what they are where the tenant is. They are small, and go whole when they differ, while
 * `isAlone` says that nobody but the move can have written at the new place; otherwise only rows that are missing there are brought.
 */
export async function copyReferences(
  pair: Pair,
  tables: readonly ReferenceTable[],
  isAlone: () => Promise<boolean>,
): Promise<void> {
  for (const table of tables) {
    await inBoth(pair, async () => {
      const [source, target] = [await hash(pair.from.client, table), await hash(pair.to.client, table)];
      if (source === target) return;
      if (await keepAlone(pair, table, isAlone)) {
        await pair.to.client.query(emptySql(table));
        await carryInto(pair, ...wholeOf(table));
      } else await bringMissingRows(pair, table);
    });
  }
}

/** Asked again once nobody else can write: a tenant that came meanwhile wrote either before, and is seen, or waits. */
async function keepAlone(pair: Pair, table: ReferenceTable, isAlone: () => Promise<boolean>): Promise<boolean> {
  if (!(await isAlone())) return false;
  await pair.to.client.query(keepSql(table).sql);
  return isAlone();
}

export function keepSql({ schema, name }: ReferenceTable): Statement {
  const table = relation(schema, name);
  return {
    sql: `LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`,
    object: table,
    lock: `SHARE ROW EXCLUSIVE on ${table}, until its transaction ends: nobody else has written there yet`,
    why: "No other tenant that comes meanwhile loses what it writes.",
    transactional: true,
  };
}

export function emptySql({ schema, name }: ReferenceTable): string {
  return `DELETE FROM ${relation(schema, name)}`;
}

/** The table at the new place, and all its rows at the old one. */
export function wholeOf({ schema, name, columns, binary }: ReferenceTable): [Receiving, string] {
  const table = relation(schema, name);
  return [{ name: table, columns, binary }, `FROM ${table} AS t`];
}

/** By the table's key at the new place. One that has none there is left as it is. */
async function bringMissingRows(pair: Pair, table: ReferenceTable): Promise<void> {
  const [target, source] = wholeOf(table);
  const [found] = await findTables(pair.to.client, table.schema, [table.name]);
  const typeOf = (name: string) => found?.columns.find((column) => column.name === name)?.type ?? "text";
  const keyed = { keys: (found?.key ?? []).map((name) => ({ name, type: typeOf(name) })) };
  if (keyed.keys.length === 0) return;
  for (let after: Key | null = null; ; ) {
    const { rows }: pg.QueryResult<{ key: Key }> = await pair.from.client.query<{ key: Key }>(
      `SELECT ${keyText(keyed, "t")} AS key ${source} WHERE ${between(keyed, "t", after, null)}
        ORDER BY ${keyList(keyed, "t")} LIMIT ${keysAtOnce}`,
    );
    after = rows.at(-1)?.key ?? null;
    if (!after) return;
    const set = keySet(
      keyed,
      rows.map(({ key }) => key),
    );
    const { rows: missing } = await pair.to.client.query<{ key: Key }>(
      `SELECT ARRAY[${keyed.keys.map((_, at) => `k.k${at + 1}::text`).join(", ")}] AS key FROM ${set}
        WHERE NOT EXISTS (SELECT ${source} WHERE ${isKey(keyed, "t")})`,
    );
    if (missing.length === 0) continue;
    const absent = keySet(
      keyed,
      missing.map(({ key }) => key),
    );
    await carryShared(pair, target, `FROM ${absent} JOIN ${target.name} AS t ON ${isKey(keyed, "t")}`);
  }
}

async function hash(client: Pair["from"]["client"], { schema, name, columns }: ReferenceTable): Promise<string> {
  const row = `ROW(${columns.map((column) => `t.${identifier(column)}`).join(", ")})::text`;
  const { rows } = await client.query<{ hash: string }>(
    `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(${row} COLLATE "C", 0)), 0) AS hash FROM ${relation(schema, name)} AS t`,
  );
  return rows[0]?.hash ?? "";
}
