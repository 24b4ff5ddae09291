import type pg from "pg";
import { isApplicationSchema } from "../catalog/own-schemas.ts";
import { type TableKey, tableKey } from "../classify/table-key.ts";
import type { Secured } from "./desired.ts";
import { readShutOut, type ShutOut } from "./shut-out.ts";

/** What stands around the tables and can weaken a plan. */
export interface Surroundings {
  user: string;
  superuser: boolean;
  bypassesRowSecurity: boolean;
  mayCreateSchema: boolean;
  mayCreateRoles: boolean;
  rolesExist: boolean;
  /** Permissive policies of others that hold for the application's role, by table: PostgreSQL admits a row that any one of them admits. */
  policies: Map<TableKey, string[]>;
  /** Views that read a table with their owner's rights, by table. */
  openViews: Map<TableKey, string[]>;
  /** Roles that will find no row in the secured tables. */
  shutOut: ShutOut[];
}

/** What a plan is about to secure, and for whom. */
interface Securing {
  secured: readonly Secured[];
  applicationRole: string | null;
}

export async function readSurroundings(
  client: pg.ClientBase,
  { secured, applicationRole }: Securing = { secured: [], applicationRole: null },
): Promise<Surroundings> {
  const { rows } = await client.query<Omit<Surroundings, "policies" | "openViews" | "shutOut">>(`
    SELECT current_user AS user,
           r.rolsuper AS superuser,
           r.rolbypassrls AS "bypassesRowSecurity",
           has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchema",
           r.rolsuper OR r.rolcreaterole AS "mayCreateRoles",
           (SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('caretaker_reader', 'caretaker_operator')) AS "rolesExist"
      FROM pg_roles r
     WHERE r.rolname = current_user`);
  const [about] = rows;
  if (!about) throw new Error("The database did not say who is connected.");
  return {
    ...about,
    policies: await readPolicies(client, applicationRole),
    openViews: await readOpenViews(client),
    shutOut: await readShutOut(client, secured, applicationRole),
  };
}

async function readPolicies(client: pg.ClientBase, applicationRole: string | null): Promise<Surroundings["policies"]> {
  const { rows } = await client.query<{ schema: string; name: string; found: string[] }>(
    `SELECT n.nspname AS schema, c.relname AS name, array_agg(p.polname::text ORDER BY p.polname) AS found
      FROM pg_policy p
      JOIN pg_class c ON c.oid = p.polrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE p.polpermissive AND p.polname NOT IN ('caretaker_tenant', 'caretaker_staff')
       AND (p.polroles @> '{0}'
            OR EXISTS (SELECT
                         FROM unnest(p.polroles) AS named (oid)
                         JOIN pg_roles a ON a.rolname = $1 AND pg_has_role(a.oid, named.oid, 'USAGE')))
     GROUP BY 1, 2`,
    [applicationRole],
  );
  return new Map(rows.map((row) => [tableKey(row), row.found]));
}

async function readOpenViews(client: pg.ClientBase): Promise<Surroundings["openViews"]> {
  const { rows } = await client.query<{ schema: string; name: string; found: string[] }>(`
    SELECT n.nspname AS schema, c.relname AS name, array_agg(DISTINCT v.relname::text) AS found
      FROM pg_depend d
      JOIN pg_rewrite w ON w.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
      JOIN pg_class c ON c.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass AND c.relkind IN ('r', 'p')
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${isApplicationSchema}
       AND NOT coalesce(v.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
     GROUP BY 1, 2`);
  return new Map(rows.map((row) => [tableKey(row), row.found]));
}
