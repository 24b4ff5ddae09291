import type pg from "pg";
import { moveName } from "../../managed/moving/table.ts";
import type { LeftoverKind } from "./contract.ts";
import { databasePattern, schemaPattern, tenantOf } from "./names.ts";
import { type OwnSchema, surveySchemas } from "./survey-schemas.ts";

/** A trigger or policy of a move on a table of the application. */
export interface Fence {
  /** The first 12 digits of its move's id. */
  move: string;
  side: string;
  schema: string;
  table: string;
  name: string;
}

/** A function or a table of keys in the schema caretaker. */
export interface Note {
  move: string;
  side: string;
  what: "function" | "table";
  name: string;
}

export interface FoundGate {
  moveId: string;
  tenantKey: string;
  schema: string;
  state: "open" | "importing" | "moved";
  /** Where it says that the tenant lives. */
  place: { database: string; schema: string };
}

/** A database that may have been made for a tenant. */
export interface NamedDatabase {
  name: string;
  tenantId: string;
  bytes: number;
  /** Sessions in it that are not the console's. */
  sessions: number;
}

/** Everything in one database that a move may have left, and the names of its server's other databases. */
export interface Survey {
  triggers: Fence[];
  policies: (Fence & {
    /** Whether it was put up because the table had no row security. */
    open: boolean;
    /** Policies of the table that no move put up. */
    others: number;
  })[];
  notes: Note[];
  gates: FoundGate[];
  /** Moves with a worker's row or progress. */
  progress: string[];
  /** Of the moves that a worker is connected for: the first 8 digits of their ids. */
  workers: string[];
  schemas: OwnSchema[];
  /** Schemas that are gone, of whose tables the log still keeps something. */
  captures: { schema: string; functions: string[] }[];
  databases: NamedDatabase[];
}

const nothing: Omit<Survey, "schemas" | "databases"> = {
  triggers: [],
  policies: [],
  notes: [],
  gates: [],
  progress: [],
  workers: [],
  captures: [],
};

/** Reads one database, or of it what one leftover is judged by; changes nothing. */
export async function survey(client: pg.ClientBase, one?: { kind: LeftoverKind; name: string }): Promise<Survey> {
  const { rows } = await client.query<{ installed: boolean }>(
    "SELECT to_regclass('caretaker.move_workers') IS NOT NULL AS installed",
  );
  const hung = rows[0]?.installed ? await readHung(client) : nothing;
  return {
    ...hung,
    schemas: await surveySchemas(client, one && schemasOf(one, hung)),
    databases: one && one.kind !== "database" ? [] : await namedDatabases(client),
  };
}

/** Counting rows takes time, and whatever is to be removed is looked at again in each of its transactions. */
function schemasOf({ kind, name }: { kind: LeftoverKind; name: string }, hung: typeof nothing): string[] {
  if (kind === "schema") return [name];
  if (kind !== "fences") return [];
  const mine = [...hung.triggers, ...hung.policies].filter(({ move }) => moveName(move) === name);
  const gated = hung.gates.filter(({ moveId }) => moveName(moveId) === name);
  return [...mine, ...gated].map(({ schema }) => schema);
}

/** What a server says of its databases, where none of them is of the fleet. */
export async function surveyServer(client: pg.ClientBase): Promise<Survey> {
  return { ...nothing, schemas: [], databases: await namedDatabases(client) };
}

const fence = (alias: string, name: string) =>
  `substr(${name}, 16, 12) AS move, substr(${name}, 29, 1) AS side, n.nspname AS schema, c.relname AS "table", ${name}::text AS name
       FROM ${alias}`;

async function readHung(client: pg.ClientBase): Promise<Omit<Survey, "schemas" | "databases">> {
  const triggers = await client.query<Fence>(
    `SELECT ${fence("pg_trigger g", "g.tgname")}
       JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_proc f ON f.oid = g.tgfoid AND f.pronamespace = 'caretaker'::regnamespace
      WHERE g.tgname ~ '^caretaker_move_[0-9a-f]{12}_[ab]_(insert|update|delete|truncate)$'
      ORDER BY schema, "table", name`,
  );
  const policies = await client.query<Survey["policies"][number]>(
    `SELECT p.polname ~ '_open$' AS open,
            (SELECT count(*) FROM pg_policy o WHERE o.polrelid = c.oid AND o.polname !~ '^caretaker_move_')::int AS others,
            ${fence("pg_policy p", "p.polname")}
       JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE p.polname ~ '^caretaker_move_[0-9a-f]{12}_[ab]_(reads|open)$'
      ORDER BY schema, "table", name`,
  );
  const notes = await client.query<Note>(
    `SELECT substr(name, 6, 12) AS move, substr(name, 19, 1) AS side, what, name
       FROM (SELECT 'function' AS what, proname::text AS name FROM pg_proc WHERE pronamespace = 'caretaker'::regnamespace
              UNION ALL
             SELECT 'table', relname FROM pg_class WHERE relnamespace = 'caretaker'::regnamespace AND relkind = 'r') AS made
      WHERE name ~ '^move_[0-9a-f]{12}_[ab]_[0-9]+$' ORDER BY name, what`,
  );
  const gates = await client.query<FoundGate>(
    `SELECT move_id AS "moveId", tenant_key AS "tenantKey", schema_name AS schema, state,
            json_build_object('database', placement->>'database', 'schema', placement->>'schema') AS place
       FROM caretaker.gates ORDER BY tenant_key, schema_name`,
  );
  const progress = await client.query<{ id: string }>(
    "SELECT move_id AS id FROM caretaker.move_workers UNION SELECT move_id FROM caretaker.move_progress ORDER BY id",
  );
  const workers = await client.query<{ id: string }>(
    `SELECT DISTINCT substr(application_name, 16, 8) AS id FROM pg_stat_activity
      WHERE application_name LIKE 'caretaker move %' AND datname = current_database() AND pid <> pg_backend_pid()`,
  );
  return {
    triggers: triggers.rows,
    policies: policies.rows,
    notes: notes.rows,
    gates: gates.rows,
    progress: progress.rows.map(({ id }) => id),
    workers: workers.rows.map(({ id }) => id),
    captures: await goneCaptures(client),
  };
}

/** Generated code of the log that no trigger calls, and its notes, of schemas of tenants that are gone. */
async function goneCaptures(client: pg.ClientBase): Promise<Survey["captures"]> {
  const { rows } = await client.query<{ schema: string; functions: string[] }>(
    `WITH kept AS (
       SELECT schema_name AS schema, NULL::text AS signature FROM caretaker.captures
        UNION ALL
       SELECT schema_name, NULL FROM caretaker.row_security
        UNION ALL
       SELECT substring(p.prosrc FROM '\\mt_[0-9a-z]{20,25}\\M'), one.oid::regprocedure::text FROM pg_proc p
         JOIN pg_proc one ON one.pronamespace = p.pronamespace AND one.proname IN (p.proname, regexp_replace(p.proname, '_[a-z]+$', '_late'))
        WHERE p.pronamespace = 'caretaker'::regnamespace AND p.prorettype = 'trigger'::regtype AND p.proname ~ '^capture_'
          AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid))
     SELECT schema, coalesce(array_agg(DISTINCT signature ORDER BY signature) FILTER (WHERE signature IS NOT NULL), '{}') AS functions
       FROM kept
      WHERE schema ~ $1 AND NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = schema)
      GROUP BY schema ORDER BY schema`,
    [schemaPattern],
  );
  return rows.filter(({ schema }) => tenantOf(schema) !== null);
}

async function namedDatabases(client: pg.ClientBase): Promise<NamedDatabase[]> {
  const { rows } = await client.query<Omit<NamedDatabase, "tenantId">>(
    `SELECT d.datname::text AS name,
            CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) ELSE 0 END::float8 AS bytes,
            (SELECT count(*) FROM pg_stat_activity a
              WHERE a.datid = d.oid AND a.application_name NOT LIKE 'caretaker%')::int AS sessions
       FROM pg_database d
      WHERE d.datname ~ $1 AND d.datallowconn
      ORDER BY name`,
    [databasePattern],
  );
  return rows.flatMap((row) => {
    const tenantId = tenantOf(row.name);
    return tenantId ? [{ ...row, tenantId }] : [];
  });
}
