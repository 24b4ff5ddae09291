import type pg from "pg";
import type { PlanProblem } from "../contract.ts";
import type { Secured } from "./desired.ts";

/** A role that has privileges on tables to be secured, of which no policy will admit it to a row. */
export interface ShutOut {
  role: string;
  /** "schema.table", by name. */
  tables: string[];
}

/**
 * Roles that can act here, by signing in or by SET ROLE alone, and will find no row in secured tables: not those that row security passes
 * by, nor who has the rights of the application's role, of Caretaker's, of the owner, or of a role that another policy names.
 */
export async function readShutOut(
  client: pg.ClientBase,
  secured: readonly Secured[],
  applicationRole: string | null,
): Promise<ShutOut[]> {
  if (secured.length === 0 || applicationRole === null) return [];
  const { rows } = await client.query<ShutOut>(
    `WITH secured AS MATERIALIZED (
       SELECT w.name, c.oid, c.relowner, c.relnamespace
         FROM unnest($1::text[], $2::text[]) AS w (schema, name)
         JOIN pg_namespace n ON n.nspname = w.schema
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
     ), acting AS MATERIALIZED (
       SELECT r.oid, r.rolname
         FROM pg_roles r
        WHERE NOT r.rolsuper AND NOT r.rolbypassrls AND r.rolname NOT LIKE 'pg\\_%'
          AND EXISTS (SELECT
                        FROM pg_roles m
                       WHERE m.rolcanlogin AND NOT m.rolsuper AND has_database_privilege(m.oid, current_database(), 'CONNECT')
                         AND (m.oid = r.oid
                              OR NOT r.rolcanlogin AND pg_has_role(m.oid, r.oid, 'MEMBER') AND NOT pg_has_role(m.oid, r.oid, 'USAGE')))
          AND NOT pg_has_role(r.oid, current_user, 'USAGE')
          AND NOT EXISTS (SELECT FROM pg_roles a WHERE a.rolname = $3 AND pg_has_role(r.oid, a.oid, 'USAGE'))
     )
     SELECT r.rolname AS role, array_agg(n.nspname || '.' || t.name ORDER BY n.nspname, t.name) AS tables
       FROM acting r
      CROSS JOIN secured t
       JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE has_schema_privilege(r.oid, t.relnamespace, 'USAGE')
        AND (has_any_column_privilege(r.oid, t.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(r.oid, t.oid, 'DELETE'))
        AND NOT pg_has_role(r.oid, t.relowner, 'USAGE')
        AND NOT EXISTS (SELECT
                          FROM pg_policy p
                         CROSS JOIN unnest(p.polroles) AS named (oid)
                         WHERE p.polrelid = t.oid AND p.polpermissive AND p.polname NOT IN ('caretaker_tenant', 'caretaker_staff')
                           AND (named.oid = 0 OR pg_has_role(r.oid, named.oid, 'USAGE')))
      GROUP BY r.rolname
      ORDER BY r.rolname`,
    [secured.map(({ schema }) => schema), secured.map(({ name }) => name), applicationRole],
  );
  return rows;
}

/** One warning a role, with the ways to let it see again what it is meant to see. */
export function shutOutProblems(database: string, shutOut: readonly ShutOut[], applicationRole: string): PlanProblem[] {
  return shutOut.map(({ role, tables }) => {
    const which = tables.length === 1 ? `the table ${tables[0]}` : `${tables.length} of the tables`;
    const message = `${role} has privileges on ${which} to be secured, and no policy will admit it: it reads no row there, writes none, and its pg_dump fails.`;
    const fix = [
      `For every tenant's rows, as reports and backups need them: ALTER ROLE ${quoted(role)} BYPASSRLS;`,
      `or a policy of its own on ${shownOf(tables)}: CREATE POLICY … FOR SELECT TO ${quoted(role)} USING (true);`,
      `For one tenant's at a time, as the application: GRANT ${quoted(applicationRole)} TO ${quoted(role)};`,
      "To migrate the tables: make it a member of the role that owns them.",
    ].join(" ");
    return { severity: "warning", subject: database, message, fix };
  });
}

const shown = 5;

function shownOf(tables: readonly string[]): string {
  const more = tables.length - shown;
  return tables.slice(0, shown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}
