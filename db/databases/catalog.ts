import type pg from "pg";
import { readColumns } from "./catalog/columns.ts";
import { readForeignKeys } from "./catalog/foreign-keys.ts";
import { readKeys } from "./catalog/keys.ts";
import { type CatalogRole, readRoles } from "./catalog/roles.ts";
import { readTables } from "./catalog/tables.ts";
import { type CatalogType, readTypes } from "./catalog/types.ts";
import { type CatalogView, readViews } from "./catalog/views.ts";

export interface CatalogColumn {
  name: string;
  /** As PostgreSQL writes it: `numeric(10,2)`, `public."Mood"`. */
  type: string;
  /** The base type's name beneath domains: `int4`, `text`, `_text`. */
  baseType: string;
  notNull: boolean;
  /** Stored or virtual expression: cannot be written. */
  generated: boolean;
  /** GENERATED ALWAYS AS IDENTITY or BY DEFAULT. */
  identity: "always" | "by default" | null;
}

export interface ForeignKey {
  name: string;
  columns: string[];
  parentSchema: string;
  parentTable: string;
  parentColumns: string[];
}

export interface CatalogTable {
  schema: string;
  name: string;
  kind: "table" | "partitioned" | "foreign";
  unlogged: boolean;
  owner: string;
  /** Whether the role that Caretaker connects as has the owner's rights, without which it can attach no trigger. */
  mine: boolean;
  /** The planner's estimate, partitions included; null when never analysed. */
  rows: number | null;
  /** Indexes and what is stored outside the rows included; null where sizes were not asked for. */
  bytes: number | null;
  rowSecurity: boolean;
  forcedRowSecurity: boolean;
  columns: CatalogColumn[];
  primaryKey: string[];
  /** Unique indexes over plain columns, without a predicate. */
  uniqueKeys: { columns: string[]; notNull: boolean }[];
  foreignKeys: ForeignKey[];
  partitions: number;
}

/** What a database holds, as its catalog says. Partitions are folded into their root. */
export interface Catalog {
  database: string;
  serverVersion: number;
  tables: CatalogTable[];
  views: CatalogView[];
  types: CatalogType[];
  roles: CatalogRole[];
}

/**
 * Reads the whole catalog inside the caller's transaction: nine statements, however many tables there are. The search path is
 * emptied for its duration, so that every type is named with its schema. Without `sizes` it waits for no table that somebody holds.
 */
export async function readCatalog(client: pg.ClientBase, { sizes = false } = {}): Promise<Catalog> {
  await client.query("SELECT set_config('search_path', 'pg_catalog', true)");
  const { rows } = await client.query<{ database: string; version: string }>(
    "SELECT current_database() AS database, current_setting('server_version_num') AS version",
  );
  const tables = await readTables(client, { sizes });
  const columns = await readColumns(client);
  const keys = await readKeys(client);
  const foreignKeys = await readForeignKeys(client);
  return {
    database: rows[0]?.database ?? "",
    serverVersion: Number(rows[0]?.version ?? 0),
    tables: tables.map(({ oid, ...table }) => ({
      ...table,
      columns: columns.get(oid) ?? [],
      primaryKey: keys.get(oid)?.primaryKey ?? [],
      uniqueKeys: keys.get(oid)?.uniqueKeys ?? [],
      foreignKeys: foreignKeys.get(oid) ?? [],
    })),
    views: await readViews(client),
    types: await readTypes(client),
    roles: await readRoles(client),
  };
}
