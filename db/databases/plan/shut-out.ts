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
    `WITH RECURSIVE secured AS MATERIALIZED (
       SELECT w.schema || '.' || w.name AS name, c.oid, c.relowner, c.relnamespace, c.relacl
         FROM unnest($1::text[], $2::text[]) AS w (schema, name)
         JOIN pg_namespace n ON n.nspname = w.schema
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
     ), granted AS MATERIALIZED (
       SELECT t.oid, acl.grantee
         FROM secured t CROSS JOIN LATERAL aclexplode(t.relacl) AS acl
        WHERE acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
        UNION
       SELECT t.oid, acl.grantee
         FROM secured t
         JOIN pg_attribute a ON a.attrelid = t.oid AND NOT a.attisdropped
        CROSS JOIN LATERAL aclexplode(a.attacl) AS acl
        WHERE acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE')
        UNION
       SELECT t.oid, r.oid FROM secured t JOIN pg_roles r ON r.rolname IN ('pg_read_all_data', 'pg_write_all_data')
     ), members (role, member) AS (
       SELECT roleid, member FROM pg_auth_members
        UNION
       SELECT above.role, m.member FROM members above JOIN pg_auth_members m ON m.roleid = above.member
     ), acting AS MATERIALIZED (
       SELECT r.oid, r.rolname
         FROM pg_roles r
        WHERE NOT r.rolsuper AND NOT r.rolbypassrls AND r.rolname NOT LIKE 'pg\\_%'
          AND CASE WHEN r.rolcanlogin THEN has_database_privilege(r.oid, current_database(), 'CONNECT')
                   ELSE EXISTS (SELECT
                                  FROM members below
                                  JOIN pg_roles m ON m.oid = below.member AND m.rolcanlogin AND NOT m.rolsuper
                                 WHERE below.role = r.oid AND has_database_privilege(m.oid, current_database(), 'CONNECT')
                                   AND NOT pg_has_role(m.oid, r.oid, 'USAGE')) END
          AND NOT pg_has_role(r.oid, current_user, 'USAGE')
          AND NOT EXISTS (SELECT FROM pg_roles a WHERE a.rolname = $3 AND pg_has_role(r.oid, a.oid, 'USAGE'))
     ), holding AS MATERIALIZED (
       SELECT r.oid, r.rolname, g.grantee
         FROM acting r
         JOIN (SELECT DISTINCT grantee FROM granted) AS g ON g.grantee = 0 OR pg_has_role(r.oid, g.grantee, 'USAGE')
     )
     SELECT r.rolname AS role, array_agg(DISTINCT t.name ORDER BY t.name) AS tables
       FROM holding r
       JOIN granted g ON g.grantee = r.grantee
       JOIN secured t ON t.oid = g.oid
      WHERE has_schema_privilege(r.oid, t.relnamespace, 'USAGE')
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

const named = 30;

/** One warning a role, with the ways to let it see again what it is meant to see; of the last ones only how many they are. */
export function shutOutProblems(database: string, shutOut: readonly ShutOut[], applicationRole: string): PlanProblem[] {
  const more = shutOut.length - named;
  const problems = shutOut.slice(0, named).map((one) => shutOutProblem(database, one, applicationRole));
  if (more <= 0) return problems;
  const message = `So it is with ${more} more roles.`;
  const fix = "Where they are people or tenants, let them share a role and give that one a policy.";
  return [...problems, { severity: "warning", subject: database, message, fix }];
}

function shutOutProblem(database: string, { role, tables }: ShutOut, applicationRole: string): PlanProblem {
  const which = tables.length === 1 ? `the table ${tables[0]}` : `${tables.length} of the tables`;
  const message = `${role} has privileges on ${which} to be secured, and no policy will admit it: it reads no row there, writes none, and its pg_dump fails.`;
  const fix = [
    `For every tenant's rows, as reports and backups need them: ALTER ROLE ${quoted(role)} BYPASSRLS;`,
    `or a policy of its own on ${shownOf(tables)}: CREATE POLICY … FOR SELECT TO ${quoted(role)} USING (true);`,
    `For one tenant's at a time, as the application: GRANT ${quoted(applicationRole)} TO ${quoted(role)};`,
    "To migrate the tables: make it a member of the role that owns them.",
  ].join(" ");
  return { severity: "warning", subject: database, message, fix };
}

const shown = 5;

function shownOf(tables: readonly string[]): string {
  const more = tables.length - shown;
  return tables.slice(0, shown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}
