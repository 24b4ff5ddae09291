import pg from "pg";
import type { DatabaseModel, TableModel } from "../../databases/contract.ts";
import { identifier, literal, relation } from "../../managed/statement.ts";

/** Where to look, as whoever may see everything there. */
export interface Place {
  url: string;
  schema: string;
  /** Whether other tenants' rows are in the same tables. */
  shared: boolean;
}

export async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query("SET search_path = pg_catalog; SET TimeZone = 'UTC'");
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Rows of tenants and their checksum, by table. In shared tables a row whose parent is gone is nobody's: with `beside` it counts
 * where that place of the tenant's own has it too.
 */
export async function checksums(
  { url, schema, shared }: Place,
  model: DatabaseModel,
  keys: readonly string[],
  beside?: Place,
): Promise<Record<string, string>> {
  const tables = movingTables(model);
  const known = shared && beside && !beside.shared ? await keysAt(beside, tables) : {};
  const rows = await ask<{ table: string; sum: string }>(
    url,
    tables
      .map((table) => {
        const there = `t.${identifier(table.primaryKey[0] ?? "")}::text = ANY (ARRAY[${(known[table.name] ?? []).map((one) => literal(one)).join(", ")}]::text[])`;
        return `SELECT ${literal(table.name)} AS "table", count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS sum
                  FROM ${relation(schema, table.name)} AS t WHERE ${shared ? mine(table, model, keys, there) : "true"}`;
      })
      .join(" UNION ALL "),
  );
  return Object.fromEntries(rows.map(({ table, sum }) => [table, sum]));
}

async function keysAt({ url, schema }: Place, tables: readonly TableModel[]): Promise<Record<string, string[]>> {
  const rows = await ask<{ table: string; keys: string[] | null }>(
    url,
    tables
      .map(
        ({ name, primaryKey }) =>
          `SELECT ${literal(name)} AS "table", array_agg(${identifier(primaryKey[0] ?? "")}::text) AS keys FROM ${relation(schema, name)}`,
      )
      .join(" UNION ALL "),
  );
  return Object.fromEntries(rows.map(({ table, keys }) => [table, keys ?? []]));
}

function movingTables(model: DatabaseModel): TableModel[] {
  const { table } = model.tenantsTable ?? { table: "" };
  return model.tables.filter((one) => ["tenant", "child"].includes(one.class) && one.name !== table);
}

function mine(table: TableModel, model: DatabaseModel, keys: readonly string[], there: string): string {
  const steps = table.tenantPath;
  const last = model.tables.find(({ name }) => name === (steps.at(-1)?.table ?? table.name));
  const column = `${steps.length === 0 ? "t" : `p${steps.length}`}.${identifier(last?.tenantColumn ?? "")}`;
  const theirs = `${column}::text IN (${keys.map((key) => literal(key)).join(", ")})`;
  if (steps.length === 0) return theirs;
  const from = steps.map((step, at) => `${relation(step.schema, step.table)} AS p${at + 1}`).join(", ");
  const joins = steps.flatMap((step, at) =>
    step.columns.map(
      (name, n) =>
        `p${at + 1}.${identifier(step.parentColumns[n] ?? "")} = ${at === 0 ? "t" : `p${at}`}.${identifier(name)}`,
    ),
  );
  const path = `SELECT FROM ${from} WHERE ${joins.join(" AND ")}`;
  return `(EXISTS (${path} AND ${theirs}) OR NOT EXISTS (${path}) AND ${there})`;
}

/** Foreign keys of a database whose rows point to nothing: copied rows are not checked by PostgreSQL. */
export async function orphans(url: string): Promise<string[]> {
  const keys = await ask<{ sql: string }>(
    url,
    `SELECT format('SELECT %L AS what FROM %s AS c WHERE %s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s) HAVING count(*) > 0',
                   x.conrelid::regclass || ' ' || x.conname, x.conrelid::regclass,
                   (SELECT string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') FROM unnest(x.conkey) AS k (n)
                      JOIN pg_attribute a ON a.attrelid = x.conrelid AND a.attnum = k.n),
                   x.confrelid::regclass,
                   (SELECT string_agg(format('p.%I = c.%I', pa.attname, a.attname), ' AND ')
                      FROM unnest(x.conkey, x.confkey) AS k (n, pn)
                      JOIN pg_attribute a ON a.attrelid = x.conrelid AND a.attnum = k.n
                      JOIN pg_attribute pa ON pa.attrelid = x.confrelid AND pa.attnum = k.pn)) AS sql
       FROM pg_constraint x WHERE x.contype = 'f' AND x.conparentid = 0`,
  );
  const found = await ask<{ what: string }>(url, keys.map(({ sql }) => sql).join(" UNION ALL "));
  return found.map(({ what }) => what);
}
