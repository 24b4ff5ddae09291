import type pg from "pg";
import { isApplicationSchema } from "../catalog/own-schemas.ts";
import { type TableKey, tableKey } from "../classify/table-key.ts";

/** What stands around the tables and can weaken a plan. */
export interface Surroundings {
  user: string;
  superuser: boolean;
  mayCreateSchema: boolean;
  mayCreateRoles: boolean;
  rolesExist: boolean;
  /** Permissive policies of others, by table: PostgreSQL admits a row that any one of them admits. */
  policies: Map<TableKey, string[]>;
  /** Views that read a table with their owner's rights, by table. */
  openViews: Map<TableKey, string[]>;
}

export async function readSurroundings(client: pg.ClientBase): Promise<Surroundings> {
  const { rows } = await client.query<Omit<Surroundings, "policies" | "openViews">>(`
    SELECT current_user AS user,
           r.rolsuper AS superuser,
           has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchema",
           r.rolsuper OR r.rolcreaterole AS "mayCreateRoles",
           (SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('caretaker_reader', 'caretaker_operator')) AS "rolesExist"
      FROM pg_roles r
     WHERE r.rolname = current_user`);
  const [about] = rows;
  if (!about) throw new Error("The database did not say who is connected.");
  return { ...about, policies: await readPolicies(client), openViews: await readOpenViews(client) };
}

async function readPolicies(client: pg.ClientBase): Promise<Surroundings["policies"]> {
  const { rows } = await client.query<{ schema: string; name: string; found: string[] }>(`
    SELECT schemaname AS schema, tablename AS name, array_agg(policyname::text ORDER BY policyname) AS found
      FROM pg_policies
     WHERE permissive = 'PERMISSIVE' AND policyname NOT IN ('caretaker_tenant', 'caretaker_staff')
     GROUP BY 1, 2`);
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
