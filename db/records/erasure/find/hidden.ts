import type { Looking } from "./looking.ts";

/** A row that row security hides from the console's role is not found, and that has to be said. */
export async function noteHidden(looking: Looking): Promise<void> {
  const shapes = [...looking.shapes.values()];
  const { rows } = await looking.client.query<{ name: string }>(
    `SELECT w.schema || '.' || w.name AS name
       FROM unnest($1::text[], $2::text[]) AS w (schema, name)
       JOIN pg_namespace AS n ON n.nspname = w.schema
       JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
      WHERE row_security_active(c.oid)
        AND (EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND NOT p.polpermissive)
          OR NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'caretaker_staff'))
      ORDER BY 1`,
    [shapes.map(({ schema }) => schema), shapes.map(({ name }) => name)],
  );
  const why = "Row security may hide rows of it from the console's role.";
  looking.notReached.push(...rows.map(({ name }) => ({ where: name, why })));
}
