import type pg from "pg";

/** Those of these tables of which policies may hide rows from the console's role, as "schema.name". What is read there is no proof of what is absent. */
export async function hiddenTables(
  client: pg.ClientBase,
  tables: readonly { schema: string; name: string }[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT w.schema || '.' || w.name AS name
       FROM unnest($1::text[], $2::text[]) AS w (schema, name)
       JOIN pg_namespace AS n ON n.nspname = w.schema
       JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
      WHERE row_security_active(c.oid)
        AND (EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND NOT p.polpermissive)
          OR NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'caretaker_staff'))
      ORDER BY 1`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  );
  return rows.map(({ name }) => name);
}
