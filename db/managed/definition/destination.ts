import type pg from "pg";

/** What a database already has, as far as a definition that is to be made there may need it. */
export interface Destination {
  database: string;
  roles: Set<string>;
  /** Installed or installable. */
  extensions: Set<string>;
  schemas: Set<string>;
  /** "schema.name", each as JSON, of tables, views and sequences. */
  relations: Set<string>;
  types: Set<string>;
}

export function placeKey(place: { schema: string; name: string }): string {
  return JSON.stringify([place.schema, place.name]);
}

export async function readDestination(client: pg.ClientBase): Promise<Destination> {
  const { rows } = await client.query<{ kind: string; schema: string; name: string }>(
    `SELECT 'database' AS kind, '' AS schema, current_database()::text AS name
      UNION ALL SELECT 'role', '', rolname FROM pg_roles
      UNION ALL SELECT 'extension', '', name FROM pg_available_extensions
      UNION ALL SELECT 'schema', '', nspname FROM pg_namespace
      UNION ALL SELECT 'relation', n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
      UNION ALL SELECT 'type', n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                 WHERE t.typtype IN ('e', 'd', 'c') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')`,
  );
  const names = (kind: string): Set<string> => new Set(rows.filter((row) => row.kind === kind).map((row) => row.name));
  const places = (kind: string): Set<string> => new Set(rows.filter((row) => row.kind === kind).map(placeKey));
  return {
    database: rows.find((row) => row.kind === "database")?.name ?? "",
    roles: names("role"),
    extensions: names("extension"),
    schemas: names("schema"),
    relations: places("relation"),
    types: places("type"),
  };
}
