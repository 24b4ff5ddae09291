import pg from "pg";
import { Refusal } from "../../errors.ts";
import { belongs, type MovingTable } from "../../managed/moving/table.ts";
import { identifier, relation } from "../../managed/statement.ts";
import { inBoth, type OutsideKey, type Pair } from "../pair.ts";
import { findTables } from "../plan/catalog.ts";
import { isKey, type Key, keySet } from "./keys.ts";
import { carryInto, type Receiving } from "./rows.ts";

/** The foreign keys of the moving tables that lead to tables which all tenants share. */
export async function findOutsideKeys(
  client: pg.ClientBase,
  schema: string,
  tables: readonly MovingTable[],
): Promise<OutsideKey[]> {
  const names = tables.map(({ name }) => name);
  const found = await findTables(client, schema, names);
  return found.flatMap(({ name, foreignKeys }) =>
    foreignKeys
      .filter((key) => !(key.schema === schema && names.includes(key.table)))
      .map((key) => ({ ...key, child: name })),
  );
}

/**
 * Brings along the shared rows to which the tenant's rows at the receiving place point and that are not there yet: rows are carried
 * without foreign keys being checked. `set` narrows it to keys of the table.
 */
export async function bringParents(pair: Pair, table: MovingTable, set?: string): Promise<void> {
  const { schema } = pair.to.standing;
  const rows = `${relation(schema, table.name)} AS t ${set === undefined ? "" : `JOIN ${set} ON ${isKey(table, "t")}`}`;
  for (const key of pair.outside.filter(({ child }) => child === table.name)) {
    await bringMissing(pair, key, `${rows} WHERE ${belongs(table, pair.to.standing, "t")}`);
  }
}

/** As `bringParents`, of a whole table. */
export async function bringAllParents(pair: Pair, table: MovingTable): Promise<void> {
  if (pair.outside.some(({ child }) => child === table.name)) await inBoth(pair, () => bringParents(pair, table));
}

type ForeignKey = Pick<OutsideKey, "schema" | "table" | "columns" | "parentColumns">;

async function bringMissing(pair: Pair, { schema, table, columns, parentColumns }: ForeignKey, rows: string) {
  const name = relation(schema, table);
  const { rows: there } = await pair.to.client.query<{ there: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS there",
    [name],
  );
  // The list of tenants stays where it is.
  if (!there[0]?.there) return;
  const own = columns.map((column) => `t.${identifier(column)}`);
  const { rows: missing } = await pair.to.client.query<{ key: Key }>(
    `SELECT DISTINCT ARRAY[${own.map((column) => `${column}::text`).join(", ")}] AS key FROM ${rows}
        AND ${own.map((column) => `${column} IS NOT NULL`).join(" AND ")}
        AND NOT EXISTS (SELECT FROM ${name} AS p
                         WHERE ${parentColumns.map((column, at) => `p.${identifier(column)} = ${own[at]}`).join(" AND ")})`,
  );
  if (missing.length === 0) return;
  const [found] = await findTables(pair.from.client, schema, [table]);
  if (!found) return;
  const typeOf = (column: string): string => found.columns.find((one) => one.name === column)?.type ?? "text";
  const keyed = { keys: parentColumns.map((column) => ({ name: column, type: typeOf(column) })) };
  const set = keySet(
    keyed,
    missing.map(({ key }) => key),
  );
  const carried = {
    name,
    columns: found.columns.filter((one) => !one.generated).map((one) => one.name),
    binary: false,
  };
  await carryShared(pair, carried, `FROM ${set} JOIN ${name} AS t ON ${isKey(keyed, "t")}`);
  for (const above of found.foreignKeys) {
    await bringMissing(pair, above, `${name} AS t JOIN ${set} ON ${isKey(keyed, "t")} WHERE true`);
  }
}

/** @throws Refusal `conflict` where the receiving place has another row of the same unique values. */
export async function carryShared(pair: Pair, table: Receiving, source: string): Promise<void> {
  await carryInto(pair, table, source).catch((error: unknown) => {
    throw error instanceof pg.DatabaseError && error.code === "23505" ? taken(table.name, error) : error;
  });
}

function taken(name: string, cause: pg.DatabaseError): Refusal {
  return new Refusal(
    "conflict",
    `A row of ${name}, which all tenants share, cannot be brought along: ${cause.detail ?? cause.message}`,
    { fix: `Give both places the same rows of ${name}, then try again.`, cause },
  );
}
