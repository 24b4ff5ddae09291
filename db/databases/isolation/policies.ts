import type pg from "pg";
import { isApplicationSchema } from "../catalog/own-schemas.ts";

export interface Policy {
  table: string;
  name: string;
  /** r, a, w, d or * for all. */
  command: "r" | "a" | "w" | "d" | "*";
  permissive: boolean;
  roles: string[];
  /** Holds for sessions of the application's role. */
  applies: boolean;
  using: string | null;
  check: string | null;
  functions: string[];
}

/** The policies of every table, with the functions that they call. */
export async function readPolicies(client: pg.ClientBase, role: string): Promise<Policy[]> {
  const { rows } = await client.query<Policy>(
    `SELECT p.polrelid::text AS table, p.polname AS name, p.polcmd AS command, p.polpermissive AS permissive,
            ARRAY(SELECT coalesce(r.rolname, 'public')::text FROM unnest(p.polroles) AS one (oid) LEFT JOIN pg_roles r ON r.oid = one.oid) AS roles,
            p.polroles @> '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) AS one (oid) WHERE one.oid <> 0 AND pg_has_role($1::name, one.oid, 'USAGE'))
              AS applies,
            pg_get_expr(p.polqual, p.polrelid) AS using,
            pg_get_expr(p.polwithcheck, p.polrelid) AS check,
            ARRAY(SELECT DISTINCT d.refobjid::text FROM pg_depend d
                   WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass) AS functions
       FROM pg_policy p
       JOIN pg_class c ON c.oid = p.polrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace AND ${isApplicationSchema}
      ORDER BY p.polrelid, p.polname`,
    [role],
  );
  return rows;
}

export interface Routine {
  oid: string;
  schema: string;
  name: string;
  /** name(argument types), quoted. */
  signature: string;
  /** Arguments without a default, in order. */
  arguments: { name: string; type: string }[];
  result: string;
  /** Columns of a set or of a composite result; empty when it is one plain value. */
  columns: { name: string; type: string }[];
  definer: boolean;
  ownerBypasses: boolean;
  owner: string;
  volatility: "i" | "s" | "v";
  language: string;
  body: string;
  fixedPath: boolean;
  leakproof: boolean;
  executable: boolean;
}

/** Functions that the application made; those that it may not execute are needed for what policies call. */
export async function readRoutines(client: pg.ClientBase, role: string): Promise<Routine[]> {
  const { rows } = await client.query<Routine>(
    `SELECT p.oid::text, n.nspname AS schema, p.proname AS name, p.oid::regprocedure::text AS signature,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('name', coalesce(p.proargnames[at], ''), 'type', format_type(arg, NULL)) ORDER BY at), '[]')
               FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS one (arg, at)
              WHERE at <= p.pronargs - p.pronargdefaults) AS arguments,
            format_type(p.prorettype, NULL) AS result,
            coalesce(
              (SELECT jsonb_agg(jsonb_build_object('name', p.proargnames[at], 'type', format_type(arg, NULL)) ORDER BY at)
                 FROM unnest(p.proallargtypes) WITH ORDINALITY AS one (arg, at) WHERE p.proargmodes[at] IN ('o', 'b', 't')),
              (SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
                 FROM pg_attribute a WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.attnum > 0 AND NOT a.attisdropped),
              '[]') AS columns,
            p.prosecdef AS definer, o.rolsuper OR o.rolbypassrls AS "ownerBypasses", o.rolname AS owner,
            p.provolatile AS volatility, l.lanname AS language,
            CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE pg_get_function_sqlbody(p.oid) END AS body,
            coalesce(p.proconfig::text ~ 'search_path=', false) AS "fixedPath", p.proleakproof AS leakproof,
            has_schema_privilege($1::name, n.oid, 'USAGE') AND has_function_privilege($1::name, p.oid, 'EXECUTE') AS executable
       FROM pg_proc p
       JOIN pg_namespace n ON n.oid = p.pronamespace AND ${isApplicationSchema}
       JOIN pg_language l ON l.oid = p.prolang
       JOIN pg_type t ON t.oid = p.prorettype
       JOIN pg_roles o ON o.oid = p.proowner
      WHERE p.prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
      ORDER BY 2, 3, 4`,
    [role],
  );
  return rows;
}
