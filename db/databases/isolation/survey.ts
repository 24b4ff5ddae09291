import type pg from "pg";
import { isApplicationSchema, isNotExtension } from "../catalog/own-schemas.ts";

// What the catalog says about the ways to tenants' rows, read once a check with Caretaker's own rights.

export interface Relation {
  oid: string;
  schema: string;
  name: string;
  kind: "r" | "p" | "v" | "m" | "f";
  /** The partitioned table above, for a partition. */
  root: string | null;
  rowSecurity: boolean;
  forced: boolean;
  owner: string;
  ownerBypasses: boolean;
  /** The application's role has the owner's rights. */
  owned: boolean;
  may: { select: boolean; insert: boolean; update: boolean; delete: boolean; truncate: boolean };
  /** Enabled triggers that are neither PostgreSQL's nor Caretaker's, and rules on writing. */
  triggers: { name: string; always: boolean; body: string | null }[];
  rules: boolean;
  securityInvoker: boolean;
  columns: Column[];
}

export interface Column {
  name: string;
  type: string;
  notNull: boolean;
  generated: boolean;
  /** GENERATED ALWAYS AS IDENTITY: an update may only set it to its default. */
  always: boolean;
  /** Its default draws from a sequence or calls something unknown. */
  draws: boolean;
  select: boolean;
  insert: boolean;
  update: boolean;
}

const sql = `
SELECT c.oid::text, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
       CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid::text END AS root,
       c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS forced,
       o.rolname AS owner, o.rolsuper OR o.rolbypassrls AS "ownerBypasses",
       pg_has_role($1::name, c.relowner, 'USAGE') AS owned,
       jsonb_build_object(
         'select', has_schema_privilege($1::name, n.oid, 'USAGE') AND has_any_column_privilege($1::name, c.oid, 'SELECT'),
         'insert', has_schema_privilege($1::name, n.oid, 'USAGE') AND has_any_column_privilege($1::name, c.oid, 'INSERT'),
         'update', has_schema_privilege($1::name, n.oid, 'USAGE') AND has_any_column_privilege($1::name, c.oid, 'UPDATE'),
         'delete', has_schema_privilege($1::name, n.oid, 'USAGE') AND has_table_privilege($1::name, c.oid, 'DELETE'),
         'truncate', has_schema_privilege($1::name, n.oid, 'USAGE') AND has_table_privilege($1::name, c.oid, 'TRUNCATE')
       ) AS may,
       coalesce((SELECT jsonb_agg(jsonb_build_object('name', t.tgname, 'always', t.tgenabled = 'A',
                                                     'body', CASE WHEN l.lanname IN ('plpgsql', 'sql') THEN p.prosrc END)
                                  ORDER BY t.tgname)
                   FROM pg_trigger t
                   JOIN pg_proc p ON p.oid = t.tgfoid
                   JOIN pg_language l ON l.oid = p.prolang
                  WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
                    AND p.pronamespace <> coalesce(to_regnamespace('caretaker')::oid, 0)), '[]') AS triggers,
       EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1') AS rules,
       coalesce(c.reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1,security_invoker=yes}'::text[], false)
         AS "securityInvoker",
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
                 'generated', a.attgenerated <> '', 'always', a.attidentity = 'a',
                 'draws', a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) ~* 'nextval|\\mcaretaker\\M|dblink', false),
                 'select', has_column_privilege($1::name, c.oid, a.attnum, 'SELECT'),
                 'insert', has_column_privilege($1::name, c.oid, a.attnum, 'INSERT'),
                 'update', has_column_privilege($1::name, c.oid, a.attnum, 'UPDATE')) ORDER BY a.attnum), '[]')
          FROM pg_attribute a
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_roles o ON o.oid = c.relowner
 WHERE c.relkind IN ('r', 'p', 'v', 'm') AND ${isApplicationSchema} AND ${isNotExtension}
 ORDER BY n.nspname, c.relname`;

/** Every relation of the application's schemas, partitions too, with what the role may do with it. */
export async function readRelations(client: pg.ClientBase, role: string): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(sql, [role]);
  return rows;
}

/** For each view, the relations it reads, through other views too, as oids. */
export async function readViewSources(client: pg.ClientBase): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ view: string; sources: string[] }>(`
    WITH RECURSIVE reads (view, source) AS (
      SELECT r.ev_class, d.refobjid
        FROM pg_rewrite r
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
       WHERE r.ev_type = '1' AND d.refobjid <> r.ev_class
      UNION
      SELECT reads.view, d.refobjid
        FROM reads
        JOIN pg_rewrite r ON r.ev_class = reads.source AND r.ev_type = '1'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
       WHERE d.refobjid <> r.ev_class
    )
    SELECT view::text, array_agg(DISTINCT source::text) AS sources FROM reads GROUP BY view`);
  return new Map(rows.map(({ view, sources }) => [view, sources]));
}

export interface RoleFacts {
  name: string;
  superuser: boolean;
  bypasses: boolean;
  /** Roles it can become (SET ROLE), itself left out. */
  reachable: { name: string; superuser: boolean; bypasses: boolean }[];
  /** Settings that ALTER ROLE or ALTER DATABASE gives its sessions. */
  settings: Record<string, string>;
  caretaker: { name: string; superuser: boolean; mayReplica: boolean; member: boolean };
  version: number;
}

/** From PostgreSQL 16 on a membership can be without SET ROLE. */
const maySet = "CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END";

/** What the application's role is, and what Caretaker's role may do about it. */
export async function readRole(client: pg.ClientBase, role: string): Promise<RoleFacts | null> {
  const { rows } = await client.query<RoleFacts & { config: string[] }>(
    `SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('name', m.rolname, 'superuser', m.rolsuper, 'bypasses', m.rolbypassrls)
                                       ORDER BY m.rolname), '[]')
               FROM pg_roles m
              WHERE m.oid <> r.oid AND m.rolname NOT LIKE 'pg\\_%' AND NOT r.rolsuper AND pg_has_role(r.oid, m.oid, ${maySet})) AS reachable,
            (SELECT coalesce(array_agg(line), '{}')
               FROM pg_db_role_setting s
               JOIN pg_database d ON d.datname = current_database() AND s.setdatabase IN (0, d.oid)
              CROSS JOIN unnest(s.setconfig) AS line
              WHERE s.setrole IN (0, r.oid)) AS config,
            jsonb_build_object(
              'name', current_user,
              'superuser', me.rolsuper,
              'mayReplica', me.rolsuper OR has_parameter_privilege('session_replication_role', 'SET'),
              'member', me.rolsuper OR pg_has_role(current_user, r.oid, ${maySet})) AS caretaker,
            current_setting('server_version_num')::int AS version
       FROM pg_roles r
      CROSS JOIN pg_roles me
      WHERE r.rolname = $1 AND me.rolname = current_user`,
    [role],
  );
  const [found] = rows;
  if (!found) return null;
  const { config, ...facts } = found;
  const settings = config.map((line): [string, string] => [
    line.slice(0, line.indexOf("=")),
    line.slice(line.indexOf("=") + 1),
  ]);
  // Of those that the server itself knows, only the search path changes what a statement means.
  const kept = settings.filter(([name]) => name === "search_path" || name.includes("."));
  return { ...facts, settings: Object.fromEntries(kept) };
}
