import type pg from "pg";
import { relation } from "../../managed/statement.ts";
import { schemaPattern, tenantOf } from "./names.ts";

export interface OwnTable {
  schema: string;
  name: string;
  bytes: number;
  /** Counted to 10,000, estimated beyond; 1 where rows may be hidden from who asks. */
  rows: number;
}

/** A schema that is named for a tenant. */
export interface OwnSchema {
  name: string;
  tenantId: string;
  tables: OwnTable[];
  /** Tables and views of other schemas that need something of it. */
  outside: string[];
  /** Processes that hold locks on its tables. */
  users: number[];
  /** The log's functions that only its tables call. */
  captures: string[];
}

const countMax = 10_000;

/** Of those that are named, or of all. */
export async function surveySchemas(client: pg.ClientBase, only?: readonly string[]): Promise<OwnSchema[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT nspname::text AS name FROM pg_namespace WHERE nspname ~ $1 AND ($2::text[] IS NULL OR nspname = ANY ($2)) ORDER BY nspname",
    [schemaPattern, only ?? null],
  );
  const schemas: OwnSchema[] = [];
  for (const { name } of rows) {
    const tenantId = tenantOf(name);
    if (tenantId === null) continue;
    schemas.push({
      name,
      tenantId,
      tables: await readOwnTables(client, name),
      outside: await dependents(client, name),
      users: await lockers(client, name),
      captures: await captureFunctions(client, name),
    });
  }
  return schemas;
}

/** Ordinary and partitioned tables of a schema, or of every one but PostgreSQL's and Caretaker's, with how many rows they hold. */
export async function readOwnTables(client: pg.ClientBase, schema: string | null): Promise<OwnTable[]> {
  const { rows: tables } = await client.query<OwnTable & { hidden: boolean }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name, pg_total_relation_size(c.oid)::float8 AS bytes,
            greatest(c.reltuples, 0)::float8 AS rows,
            row_security_active(c.oid)
              AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'caretaker_staff') AS hidden
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND CASE WHEN $1::text IS NULL THEN n.nspname NOT IN ('information_schema', 'caretaker') AND n.nspname !~ '^pg_'
                 ELSE n.nspname = $1 END
      ORDER BY schema, name`,
    [schema],
  );
  const counted: OwnTable[] = [];
  for (const { hidden, rows: estimated, ...table } of tables) {
    const rows = hidden ? Math.max(1, estimated) : await count(client, table, estimated);
    counted.push({ ...table, rows });
  }
  return counted;
}

async function count(
  client: pg.ClientBase,
  { schema, name }: Pick<OwnTable, "schema" | "name">,
  estimated: number,
): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT FROM ${relation(schema, name)} LIMIT ${countMax + 1}) AS counted`,
  );
  const found = rows[0]?.count ?? 0;
  return found > countMax ? Math.max(found, Math.round(estimated)) : found;
}

/** What DROP … CASCADE would take along from elsewhere: views, defaults, columns and foreign keys. */
async function dependents(client: pg.ClientBase, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `WITH own AS (
       SELECT 'pg_class'::regclass AS class, oid FROM pg_class WHERE relnamespace = $1::text::regnamespace
        UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = $1::text::regnamespace
        UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = $1::text::regnamespace)
     SELECT DISTINCT format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_depend d
       JOIN own ON own.class = d.refclassid AND own.oid = d.refobjid
       JOIN LATERAL (SELECT ev_class AS relation FROM pg_rewrite WHERE d.classid = 'pg_rewrite'::regclass AND oid = d.objid
                      UNION ALL
                     SELECT adrelid FROM pg_attrdef WHERE d.classid = 'pg_attrdef'::regclass AND oid = d.objid
                      UNION ALL
                     SELECT conrelid FROM pg_constraint WHERE d.classid = 'pg_constraint'::regclass AND oid = d.objid
                      UNION ALL
                     SELECT tgrelid FROM pg_trigger WHERE d.classid = 'pg_trigger'::regclass AND oid = d.objid
                      UNION ALL
                     SELECT polrelid FROM pg_policy WHERE d.classid = 'pg_policy'::regclass AND oid = d.objid
                      UNION ALL
                     SELECT d.objid WHERE d.classid = 'pg_class'::regclass) AS needs ON true
       JOIN pg_class c ON c.oid = needs.relation
       JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> $1
      ORDER BY name`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** Who uses a schema's tables. The console's own looks and PostgreSQL's vacuum are over in a moment, and are waited for. */
async function lockers(client: pg.ClientBase, schema: string): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    `SELECT DISTINCT l.pid
       FROM pg_locks l
       JOIN pg_class c ON c.oid = l.relation
       LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE a.application_name IS DISTINCT FROM 'caretaker' AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND c.relnamespace = $1::text::regnamespace AND l.pid <> pg_backend_pid() AND l.granted
      ORDER BY pid`,
    [schema],
  );
  return rows.map(({ pid }) => pid);
}

async function captureFunctions(client: pg.ClientBase, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ signature: string }>(
    `SELECT DISTINCT p.oid::regprocedure::text AS signature
       FROM pg_trigger t
       JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = $1::text::regnamespace
       JOIN pg_proc p ON p.oid = t.tgfoid AND p.proname ~ '^capture_'
       JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'caretaker'
      WHERE NOT EXISTS (SELECT FROM pg_trigger o JOIN pg_class oc ON oc.oid = o.tgrelid
                         WHERE o.tgfoid = p.oid AND oc.relnamespace <> c.relnamespace)
      ORDER BY signature`,
    [schema],
  );
  return rows.map(({ signature }) => signature);
}
