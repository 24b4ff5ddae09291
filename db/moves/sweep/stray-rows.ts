import type pg from "pg";
import { controlPool } from "../../control.ts";
import { identifier, relation } from "../../managed/statement.ts";
import type { Leftover } from "./contract.ts";
import { leftoverOf } from "./leftover.ts";

interface SharedTable {
  schema: string;
  name: string;
  column: string;
}

interface Apart {
  id: string;
  key: string;
  name: string;
}

const countMax = 10_000;

/**
 * Rows in the shared tables of tenants who live elsewhere. They may be of a move that died, or written by a client that went on
 * to the old place, and then they are nowhere else: none is removed here.
 */
export async function strayRows(
  client: pg.ClientBase,
  database: { databaseId: string; databaseName: string; serverName: string },
): Promise<Leftover[]> {
  const tenants = await tenantsApart(database.databaseId);
  if (tenants.length === 0) return [];
  const found = new Map<string, { table: string; rows: number }[]>();
  for (const table of await sharedTables(database.databaseId)) {
    for (const { key, rows } of await rowsOf(
      client,
      table,
      tenants.map(({ key }) => key),
    )) {
      found.set(key, [...(found.get(key) ?? []), { table: `${table.schema}.${table.name}`, rows }]);
    }
  }
  return tenants.flatMap((tenant) => {
    const tables = found.get(tenant.key);
    return tables ? [strayOf(database, tenant, tables)] : [];
  });
}

async function tenantsApart(databaseId: string): Promise<Apart[]> {
  const { rows } = await controlPool().query<Apart>(
    `SELECT t.id, t.key, t.name FROM tenants t JOIN placements p ON p.tenant_id = t.id AND p.state = 'open' AND p.tier <> 'shared'
      WHERE t.home_database_id = $1
        AND NOT EXISTS (SELECT FROM moves m WHERE m.tenant_id = t.id AND m.state NOT IN ('completed', 'aborted'))
      ORDER BY t.key`,
    [databaseId],
  );
  return rows;
}

async function sharedTables(databaseId: string): Promise<SharedTable[]> {
  const { rows } = await controlPool().query<SharedTable>(
    `SELECT m.schema, m.name, m.tenant_column AS column
       FROM managed_tables m JOIN databases d ON d.id = m.database_id
      WHERE m.database_id = $1 AND m.class = 'tenant' AND m.tenant_column IS NOT NULL AND m.tenant_constant IS NULL
        AND m.schema = d.tenants_table->>'schema' AND m.name <> d.tenants_table->>'table'
      ORDER BY m.name`,
    [databaseId],
  );
  return rows;
}

async function rowsOf(
  client: pg.ClientBase,
  { schema, name, column }: SharedTable,
  keys: readonly string[],
): Promise<{ key: string; rows: number }[]> {
  const { rows: columns } = await client.query<{ type: string }>(
    `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped`,
    [relation(schema, name), column],
  );
  const [found] = columns;
  if (!found) return [];
  const { rows } = await client.query<{ key: string; rows: number }>(
    `SELECT k.key, c.rows
       FROM unnest($1::text[]) AS k (key)
      CROSS JOIN LATERAL (SELECT count(*)::int AS rows
                            FROM (SELECT FROM ${relation(schema, name)} AS t
                                   WHERE t.${identifier(column)} = k.key::${found.type} LIMIT ${countMax}) AS counted) AS c
      WHERE c.rows > 0`,
    [keys],
  );
  return rows;
}

function strayOf(
  database: { databaseId: string; databaseName: string; serverName: string },
  { id, key, name }: Apart,
  tables: readonly { table: string; rows: number }[],
): Leftover {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return leftoverOf(database, {
    kind: "rows",
    name: `rows of ${key}`,
    tenant: { id, key, name, homeDatabaseId: database.databaseId, busy: false, places: [] },
    moveId: null,
    parts: tables.map(
      (table) => `table ${table.table} with ${table.rows}${table.rows === countMax ? " or more" : ""} rows`,
    ),
    rows,
    bytes: 0,
    doubts: [
      `${name} lives elsewhere. These may be left of a move, or were written here by a client that kept the old place, and are nowhere else then: compare them with the tenant's own tables before you delete any.`,
    ],
    why: "",
    statements: [],
  });
}
