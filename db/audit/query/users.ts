import pg from "pg";
import type { NamedTable } from "../../schema/fleet.ts";

const sameNameMax = 100;
const deletedMax = 2_000;
const emailColumns = ["email", "e_mail", "email_address", "mail", "username", "login"];

/**
 * The ids of an application's users by lower-case name or e-mail. Each name is looked up by itself, and among the newest deletions of
 * the users table even where it finds somebody: an e-mail may have been another user's before. Nothing when the table cannot be read: a
 * name is worth no error.
 */
export async function usersKnownAs(
  client: pg.ClientBase,
  users: NamedTable,
  names: readonly string[],
): Promise<Map<string, string[]>> {
  const columns = await readableColumns(client, users);
  if (columns.length === 0) return new Map();
  const alive = await living(client, users, columns, names, false);
  const found = byName(alive);
  const rest = names.filter((name) => !found.has(name.toLowerCase()));
  const anyCase = rest.length === 0 ? [] : await living(client, users, columns, rest, true);
  return byName([...alive, ...anyCase, ...(await deleted(client, users, columns, names))]);
}

interface Known {
  id: string;
  called: string[];
}

async function readableColumns(client: pg.ClientBase, users: NamedTable): Promise<string[]> {
  const wanted = [...new Set([users.name, users.slug, ...emailColumns].filter((column) => column !== null))];
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname AS name
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = $3 AND NOT k.attisdropped
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = ANY ($4::text[]) AND NOT a.attisdropped
      WHERE n.nspname = $1 AND c.relname = $2 AND has_schema_privilege(n.oid, 'USAGE')
        AND has_column_privilege(c.oid, k.attnum, 'SELECT') AND has_column_privilege(c.oid, a.attnum, 'SELECT')`,
    [users.schema, users.table, users.key, wanted],
  );
  return rows.map(({ name }) => name);
}

/** As typed first, for which an index may serve; without regard to case only when that finds nobody. */
async function living(
  client: pg.ClientBase,
  users: NamedTable,
  columns: readonly string[],
  names: readonly string[],
  anyCase: boolean,
): Promise<Known[]> {
  const held = columns.map((column) => pg.escapeIdentifier(column));
  const where = held.map((column) => `${anyCase ? `lower(${column}::text)` : column} = ANY ($1::text[])`);
  const given = anyCase ? names.map((name) => name.toLowerCase()) : names;
  const { rows } = await client.query<Known>(
    `SELECT ${pg.escapeIdentifier(users.key)}::text AS id, ARRAY[${held.map((column) => `lower(${column}::text)`).join(", ")}] AS called
       FROM ${pg.escapeIdentifier(users.schema)}.${pg.escapeIdentifier(users.table)}
      WHERE ${where.join(" OR ")} LIMIT ${sameNameMax * names.length}`,
    [given],
  );
  return rows;
}

async function deleted(
  client: pg.ClientBase,
  users: NamedTable,
  columns: readonly string[],
  names: readonly string[],
): Promise<Known[]> {
  const { rows } = await client.query<Known>(
    `SELECT id, called
       FROM (SELECT resource_id AS id,
                    ARRAY(SELECT lower(old_values ->> name) FROM unnest($3::text[]) AS name) AS called
               FROM caretaker.audit_logs
              WHERE resource_schema = $1 AND resource_type = $2 AND action = 'delete' AND resource_id IS NOT NULL
              ORDER BY created_at DESC, audit_logs.id DESC LIMIT ${deletedMax}) AS gone
      WHERE called && $4::text[] LIMIT ${sameNameMax * names.length}`,
    [users.schema, users.table, columns, names.map((name) => name.toLowerCase())],
  );
  return rows;
}

function byName(known: readonly Known[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, called } of known) {
    for (const name of called) if (name !== null) ids.set(name, [...(ids.get(name) ?? []), id]);
  }
  return ids;
}
