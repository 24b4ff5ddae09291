import type pg from "pg";
import { askAll, listAdopted, type Silent } from "../fleet.ts";
import { limits } from "../transaction.ts";
import { placesOf } from "./tenant-places.ts";
import type { Deletion } from "./who-deleted.ts";
import { returnsOf } from "./who-deleted-after.ts";

/** A deletion, as it would stand in the log of another place of its tenant. */
interface Elsewhere {
  deletion: Deletion;
  databaseId: string;
  database: string;
  schema: string;
}

/**
 * How rows came back that are gone where they were deleted: their tenant may have moved since, and lives, or has lived, elsewhere.
 * `softColumns` are the columns by which a database's tables mark rows as deleted.
 */
export async function withReturnsElsewhere(
  deletions: readonly Deletion[],
  softColumns: (databaseId: string) => readonly string[],
): Promise<{ deletions: Deletion[]; silent: Silent[] }> {
  const asked = Map.groupBy(await elsewhere(deletions), ({ databaseId }) => databaseId);
  const ask = async (client: pg.PoolClient, id: string) => {
    const found: [Deletion, NonNullable<Deletion["back"]>][] = [];
    for (const one of asked.get(id) ?? []) {
      const { deletion, schema, database: databaseName } = one;
      const returns = await returnsOf(client, { softColumns: softColumns(id) }, [{ ...deletion, schema }]);
      const back = returns.get(deletion.id);
      if (back) found.push([deletion, { ...back, database: id, databaseName }]);
    }
    return found;
  };
  const { answers, silent } = await askAll([...asked.keys()], ask, limits.page.statement);
  // The earliest is entered last, and stays.
  const latestFirst = answers.flatMap(({ value }) => value).sort(([, a], [, b]) => (a.at < b.at ? 1 : -1));
  const back = new Map(latestFirst);
  return { deletions: deletions.map((one) => ({ ...one, back: one.back ?? back.get(one) ?? null })), silent };
}

async function elsewhere(deletions: readonly Deletion[]): Promise<Elsewhere[]> {
  const gone = deletions.filter(({ back, tenant, record }) => back === null && tenant !== null && record !== null);
  if (gone.length === 0) return [];
  const adopted = new Set((await listAdopted()).map(({ id }) => id));
  const found: Elsewhere[] = [];
  for (const [id, own] of Map.groupBy(gone, ({ database }) => database)) {
    const places = await placesOf([...new Set(own.flatMap(({ tenant }) => tenant ?? []))], id);
    for (const deletion of own) {
      const isHere = (databaseId: string, schema: string) => databaseId === id && schema === deletion.schema;
      const of = places.filter(({ tenant }) => tenant === deletion.tenant);
      // Of a table beside those that move with a tenant nothing is elsewhere.
      if (!of.some(({ databaseId, schema }) => isHere(databaseId, schema))) continue;
      for (const { databaseId, database, schema } of of) {
        if (adopted.has(databaseId) && !isHere(databaseId, schema))
          found.push({ deletion, databaseId, database, schema });
      }
    }
  }
  return found;
}
