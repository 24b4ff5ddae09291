import type pg from "pg";
import { type KeyColumn, keyColumns } from "../../managed/row-key.ts";
import type { ManagedTable } from "../../managed-tables.ts";
import type { PathStep, SoftDelete } from "../../schema/fleet.ts";
import { labelColumns } from "../label.ts";

/** A table whose deleted rows stay in it, checked against the catalog. */
export interface SoftTable {
  schema: string;
  name: string;
  key: KeyColumn[];
  softDelete: SoftDelete;
  /** The deletion column's type: timestamps without a zone are read as UTC. */
  softType: string;
  label: string | null;
  tenantColumn: string | null;
  tenantPath: PathStep[];
  tenantConstant: string | null;
  graceDays: number;
}

/** The tables that can be read, and a sentence for each that no longer has the columns that were confirmed. */
export async function softTables(
  client: pg.PoolClient,
  managed: readonly ManagedTable[],
): Promise<{ tables: SoftTable[]; drifted: string[] }> {
  const wanted = managed.filter(({ softDelete, primaryKey }) => softDelete !== null && primaryKey.length > 0);
  const columns = await columnTypes(client, wanted);
  const tables: SoftTable[] = [];
  const drifted: string[] = [];
  for (const table of wanted) {
    const types = columns.get(`${table.schema}.${table.name}`) ?? new Map<string, string>();
    const { softDelete } = table;
    const key = keyColumns(
      table.primaryKey,
      [...types].map(([name, type]) => ({ name, type })),
    );
    const missing = [...table.primaryKey, softDelete?.column ?? ""].filter((column) => !types.has(column));
    if (softDelete === null || missing.length > 0) {
      drifted.push(`${table.schema}.${table.name} has no column ${missing.join(", ")} any more`);
      continue;
    }
    const label = labelColumns.find((column) => types.has(column) && !table.maskedColumns.includes(column)) ?? null;
    tables.push({ ...table, key, softDelete, softType: types.get(softDelete.column) ?? "", label });
  }
  return { tables, drifted };
}

async function columnTypes(
  client: pg.PoolClient,
  tables: readonly { schema: string; name: string }[],
): Promise<Map<string, Map<string, string>>> {
  const { rows } = await client.query<{ table: string; column: string; type: string }>(
    `SELECT wanted.schema || '.' || wanted.name AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type
       FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
       JOIN pg_namespace n ON n.nspname = wanted.schema
       JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  );
  const byTable = new Map<string, Map<string, string>>();
  for (const { table, column, type } of rows) {
    const types = byTable.get(table) ?? new Map<string, string>();
    byTable.set(table, types.set(column, type));
  }
  return byTable;
}
