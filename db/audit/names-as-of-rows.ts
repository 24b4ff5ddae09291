import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import type { TableName } from "../managed/foreign-keys.ts";
import { withArchived } from "./cold/log.ts";
import type { Silent } from "./contract.ts";
import { orWithout } from "./courtesy.ts";
import { parseRow } from "./lossless.ts";
import { type NamedReference, namesAsOf } from "./names-as-of.ts";
import type { Moment } from "./record-at-images.ts";
import { readableDatabase } from "./scope.ts";

/** What helps to read rows of the log. */
export interface RowContext {
  /** By column, what its foreign keys pointed at, by the names of then. */
  names: Record<string, NamedReference[]>;
  /** By column, its type as of now; a column that is gone has none. */
  types: Record<string, string>;
  /** The columns of the primary key, in its order. */
  key: string[];
  /** What could not be looked up, where the database did not answer. */
  silent: Silent[];
}

const noContext: RowContext = { names: {}, types: {}, key: [], silent: [] };

/**
 * Reads what rows of one table, given as JSON, pointed at as of a moment, and what their columns are. The moment's own month, and
 * those that are named, are read also where they are archived.
 */
export async function rowContext(
  actor: Actor,
  databaseId: string,
  table: { schema: string | null; table: string | null },
  images: readonly (string | null)[],
  moment: Moment,
  months: readonly string[] = [],
  signal?: AbortSignal,
): Promise<RowContext> {
  authorise(actor, "audit.read");
  const { schema, table: name } = table;
  if (schema === null || name === null) return noContext;
  const database = await readableDatabase(databaseId);
  if (database.left) return noContext;
  const { id } = database;
  const silent: Silent[] = [];
  const rows = images.map(parseRow).filter((row) => row !== null);
  const context = await withArchived(
    id,
    [...months, moment.at.slice(0, 7)],
    (archived) =>
      orWithout(
        database,
        "names of then and types",
        silent,
        async (client) => ({
          names: await namesAsOf(client, id, { schema, table: name }, rows, moment, archived),
          ...(await columnsOf(client, { schema, table: name })),
        }),
        noContext,
        { signal },
      ),
    { missed: silent, signal },
  );
  return { ...context, silent };
}

async function columnsOf(
  client: pg.PoolClient,
  { schema, table }: TableName,
): Promise<Pick<RowContext, "types" | "key">> {
  const { rows } = await client.query<{ name: string; type: string; place: number | null }>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, array_position(i.indkey::int2[], a.attnum) AS place
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      WHERE n.nspname = $1 AND c.relname = $2
      ORDER BY place, a.attnum`,
    [schema, table],
  );
  return {
    types: Object.fromEntries(rows.map(({ name, type }) => [name, type])),
    key: rows.filter(({ place }) => place !== null).map(({ name }) => name),
  };
}
