import type pg from "pg";
import { identifier, literal, own, relation, type Statement } from "./statement.ts";

/**
 * Drops a tenant's own schema with all that Caretaker keeps about its tables. The tables that its foreign keys lead to are locked
 * against everybody until the transaction ends: to be asked for with a short lock_timeout, and again.
 */
export async function dropSchema(client: pg.ClientBase, schema: string): Promise<void> {
  for (const { sql } of [dropStatement(schema), ...forgetSchemaStatements(schema)]) await client.query(sql);
  await dropCaptureFunctions(client, schema);
}

export function dropStatement(schema: string): Statement {
  return {
    sql: `DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`,
    object: `schema ${identifier(schema)}`,
    lock: "ACCESS EXCLUSIVE on each of its tables and on those that its foreign keys lead to, milliseconds: gives up after 50 ms and tries again",
    why: "The tenant's own tables, with all rows in them.",
    transactional: true,
  };
}

/** What Caretaker noted about its tables. */
export function forgetSchemaStatements(schema: string): Statement[] {
  return ["caretaker.captures", "caretaker.row_security"].map((table) =>
    own(table, "The tables are gone.", `DELETE FROM ${table} WHERE schema_name = ${literal(schema)}`),
  );
}

/** The tables outside, quoted, that its foreign keys lead to. */
export async function tablesLedTo(client: pg.ClientBase, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT DISTINCT pn.nspname AS schema, p.relname AS name
       FROM pg_constraint f
       JOIN pg_namespace n ON n.oid = f.connamespace AND n.nspname = $1
       JOIN pg_class p ON p.oid = f.confrelid
       JOIN pg_namespace pn ON pn.oid = p.relnamespace AND pn.oid <> n.oid
      WHERE f.contype = 'f'`,
    [schema],
  );
  return rows.map((table) => relation(table.schema, table.name));
}

/** The triggers went with their tables; the functions that they called name those tables, and what they call is named like them. */
async function dropCaptureFunctions(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ signature: string }>(
    `WITH own AS (SELECT p.* FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'caretaker'),
          idle AS (SELECT p.oid, regexp_replace(p.proname, '_[a-z]+$', '_late') AS late
                     FROM own p
                    WHERE strpos(p.prosrc, $1) > 0 AND p.prorettype = 'trigger'::regtype
                      AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid))
     SELECT p.oid::regprocedure::text AS signature
       FROM own p
      WHERE EXISTS (SELECT FROM idle WHERE p.oid = idle.oid OR p.proname = idle.late)`,
    [schema],
  );
  for (const { signature } of rows) await client.query(`DROP FUNCTION ${signature} CASCADE`);
}
