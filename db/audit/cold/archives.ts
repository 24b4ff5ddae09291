import type { TableName } from "../../managed/foreign-keys.ts";
import { listedMax } from "../archive/parquet.ts";
import { type Archive, archivesOf } from "../archive/registry.ts";
import { hotMonths } from "../archive/standing.ts";
import type { Silent } from "../contract.ts";
import { orWithout } from "../courtesy.ts";
import { departedDatabases } from "../scope.ts";

/**
 * The months of these databases that are in the archive and not in PostgreSQL now, newest first; of a database that does not
 * answer, those that were there last; of one that left, every month that a file stands for.
 */
export async function coldArchives(databaseIds: readonly string[], missed: Silent[] = []): Promise<Archive[]> {
  const archives = await archivesOf(databaseIds);
  if (archives.length === 0) return [];
  const left = new Set((await departedDatabases()).map(({ id }) => id));
  const attached = await attachedMonths(
    archives.filter(({ databaseId }) => !left.has(databaseId)),
    missed,
  );
  return archives.filter(({ databaseId, month, state }) => {
    if (left.has(databaseId)) return true;
    const hot = attached.get(databaseId);
    return hot ? !hot.has(month) : state === "cold";
  });
}

async function attachedMonths(
  archives: readonly Archive[],
  missed: Silent[],
): Promise<Map<string, Set<string> | null>> {
  const databases = new Map(archives.map(({ databaseId: id, databaseName: name }) => [id, { id, name }]));
  const known = await Promise.all(
    [...databases.values()].map(async (database) => {
      const hot = await orWithout(database, "months that came back from the archive", missed, hotMonths, null, {
        timeoutMs: 3_000,
      });
      return [database.id, hot && new Set(hot.map(({ month }) => month))] as const;
    }),
  );
  return new Map(known);
}

/** False when the manifest alone says that no entry of a month is of this table. */
export function holdsTable({ manifest }: Archive, { schema, table }: TableName): boolean {
  return holdsAny(manifest.tables, (listed) => listed === `${schema}.${table}`);
}

/** A manifest lists tables and tenants only up to a number of them; without a list, anything may be there. */
export function holdsAny(listed: unknown, isAsked: (one: string) => boolean): boolean {
  if (!Array.isArray(listed) || listed.length >= listedMax) return true;
  return listed.some((one) => typeof one === "string" && isAsked(one));
}
