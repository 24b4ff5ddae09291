import type pg from "pg";
import { isApplicationSchema } from "./own-schemas.ts";

/** A role that can sign in and what it may do to this database's tables. */
export interface CatalogRole {
  name: string;
  superuser: boolean;
  bypassesRowSecurity: boolean;
  /** Tables it owns, itself or through a role whose rights it has. */
  owned: number;
  /** Tables into which it may insert. */
  writable: number;
  /** Its connections to this database at this moment. */
  connections: number;
  isCaretaker: boolean;
}

export async function readRoles(client: pg.ClientBase): Promise<CatalogRole[]> {
  const { rows } = await client.query<CatalogRole>(`
    WITH tables AS MATERIALIZED (
      SELECT c.oid, c.relowner
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${isApplicationSchema}
    )
    SELECT r.rolname AS name,
           r.rolsuper AS superuser,
           r.rolbypassrls AS "bypassesRowSecurity",
           (SELECT count(*) FROM tables WHERE pg_has_role(r.oid, relowner, 'USAGE'))::int AS owned,
           (SELECT count(*) FROM tables WHERE has_table_privilege(r.oid, tables.oid, 'INSERT'))::int AS writable,
           (SELECT count(*) FROM pg_stat_activity a
             WHERE a.usesysid = r.oid AND a.datname = current_database() AND a.pid <> pg_backend_pid()
               AND a.application_name NOT LIKE 'caretaker%')::int AS connections,
           r.rolname = current_user AS "isCaretaker"
      FROM pg_roles r
     WHERE r.rolcanlogin
       AND r.rolname NOT LIKE 'pg\\_%'
       AND has_database_privilege(r.oid, current_database(), 'CONNECT')
     ORDER BY r.rolname`);
  return rows;
}
