import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Actor } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import type { NamedTable } from "../../schema/fleet.ts";
import type { CreateTenant } from "../contract.ts";
import { readTenantColumns } from "../form.ts";
import { valuesOf } from "../managed-row.ts";

/**
 * Draws a tenant's key before there is anything of it, as its application's table would: so that whatever is made after that can
 * be made again, or undone, by its key. A number drawn from a sequence and not used is lost, as always.
 *
 * @throws Refusal `invalid` when a column lacks its value, `conflict` when the key is taken.
 */
export async function drawKey(actor: Actor, table: NamedTable, input: CreateTenant): Promise<{ key: string }> {
  return await inDatabase(actor, input.databaseId, async (client) => {
    const values = valuesOf(await readTenantColumns(client, table), input);
    const key = values.get(table.key) ?? (await drawn(client, table)) ?? randomUUID();
    const { rowCount } = await client.query(
      `SELECT FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.table)}
        WHERE ${pg.escapeIdentifier(table.key)}::text = $1`,
      [key],
    );
    if (rowCount === 0) return { key };
    throw new Refusal("conflict", `The application already has a tenant with the key ${key}.`, {
      fix: "Choose another key.",
    });
  });
}

/** What the column's own default, or its identity, gives next. */
async function drawn(client: pg.PoolClient, table: NamedTable): Promise<string | null> {
  await client.query("SELECT set_config('search_path', 'pg_catalog', true)");
  const { rows } = await client.query<{ expression: string | null; sequence: string | null; type: string }>(
    `SELECT pg_get_expr(d.adbin, d.adrelid) AS expression, format_type(a.atttypid, a.atttypmod) AS type,
            CASE WHEN a.attidentity <> '' THEN pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) END AS sequence
       FROM pg_attribute a
       JOIN pg_class c ON c.oid = a.attrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
      WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3`,
    [table.schema, table.table, table.key],
  );
  const [column] = rows;
  const expression = column?.sequence
    ? `nextval(${pg.escapeLiteral(column.sequence)}::regclass)`
    : (column?.expression ?? null);
  if (expression === null || !column) return null;
  const { rows: values } = await client.query<{ key: string }>(`SELECT (${expression})::${column.type}::text AS key`);
  return values[0]?.key ?? null;
}
