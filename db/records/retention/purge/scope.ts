import type pg from "pg";
import { holdableTables, type Model } from "../../../holding/tables.ts";
import { foreignKeysTo } from "../../../managed/foreign-keys.ts";
import { type StandingHold, standingHolds } from "../../../managed/holds/standing.ts";
import { keyColumns } from "../../../managed/row-key.ts";
import type { Policy } from "../contract.ts";
import type { PurgeTable } from "./due.ts";
import { childrenFirst, type Reach, reachOf } from "./reach.ts";

/** What a purge of one database is about, as its catalog is now. */
export interface Scope {
  /** Children before their parents. */
  tables: (PurgeTable & { reach: Reach })[];
  holds: StandingHold[];
}

/** The tables that policies speak of and that mark their deleted rows, with what hangs from them. */
export async function scopeOf(
  client: pg.ClientBase,
  model: Model,
  policies: readonly Policy[],
  dry: boolean,
): Promise<Scope> {
  const tables = await holdableTables(client, model);
  const purged = tables.flatMap((table): PurgeTable[] => {
    const own = policies.filter(({ schema, name }) => schema === table.schema && name === table.name);
    const mark = model.managed.find(({ schema, name }) => schema === table.schema && name === table.name)?.softDelete;
    const column = table.columns.find(({ name }) => name === mark?.column);
    if (own.length === 0 || !mark || !column) return [];
    return [
      { ...table, mark, markType: column.type, key: keyColumns(table.primaryKey, table.columns), policies: own, dry },
    ];
  });
  const keys = await foreignKeysTo(
    client,
    tables.map(({ schema, name }) => ({ schema, table: name })),
  );
  const around = { keys, tables, purged };
  return {
    tables: childrenFirst(purged, keys).map((table) => ({ ...table, reach: reachOf(table, around) })),
    holds: await standingHolds(client),
  };
}
