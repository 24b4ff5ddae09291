import type pg from "pg";
import { isApplicationSchema } from "./own-schemas.ts";

export interface CatalogType {
  schema: string;
  name: string;
  kind: "enum" | "domain";
  /** An enum's labels in order; a domain's base type alone. */
  values: string[];
}

export async function readTypes(client: pg.ClientBase): Promise<CatalogType[]> {
  const { rows } = await client.query<CatalogType>(`
    SELECT n.nspname AS schema,
           t.typname AS name,
           CASE t.typtype WHEN 'e' THEN 'enum' ELSE 'domain' END AS kind,
           CASE t.typtype
             WHEN 'e' THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
             ELSE ARRAY[format_type(t.typbasetype, t.typtypmod)]
           END AS values
      FROM pg_type t
      JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE t.typtype IN ('e', 'd')
       AND ${isApplicationSchema}
     ORDER BY 1, 2`);
  return rows;
}
