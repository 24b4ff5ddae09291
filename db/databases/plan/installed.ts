import type pg from "pg";
import { activeViewComment } from "../../managed/active-view.ts";
import { standingRowSecurity } from "../../managed/row-security.ts";
import { monthsParent } from "../../managed/sql/020-audit-logs.ts";
import { type TableKey, tableKey } from "../classify/table-key.ts";

/** What stands in a managed database now. */
export interface Installed {
  /** The installed version; null when the schema `caretaker` is not there. */
  version: number | null;
  /** The log's months and indexes, and whether it has its two stages; one of before is all of one. */
  log: { partitions: string[]; indexes: string[]; isStaged: boolean };
  /** Fingerprints of the captured tables. */
  captures: Map<TableKey, { schema: string; name: string; fingerprint: string }>;
  /** Captured tables whose triggers are missing or switched off, with what is wrong. */
  faults: Map<TableKey, string>;
  /** Row security as it stood before Caretaker changed it, and the fingerprint of what it made; null when that has changed since. */
  secured: Map<
    TableKey,
    { schema: string; name: string; wasEnabled: boolean; wasForced: boolean; stands: string | null }
  >;
  /** Fingerprints of the archives of removed rows; empty of one whose trigger is missing or switched off. */
  archives: Map<TableKey, { schema: string; name: string; fingerprint: string }>;
  /** Views that are named like views of live rows, by their own names. */
  views: Map<TableKey, InstalledView>;
}

export interface InstalledView {
  schema: string;
  name: string;
  columns: string[];
  /** Whether a plan made it; any other is somebody else's, and stays. */
  ours: boolean;
}

const nothing = (): Installed => ({
  version: null,
  log: { partitions: [], indexes: [], isStaged: true },
  captures: new Map(),
  faults: new Map(),
  secured: new Map(),
  archives: new Map(),
  views: new Map(),
});

export async function readInstalled(client: pg.ClientBase): Promise<Installed> {
  const { rows } = await client.query<{ installed: string | null }>(
    "SELECT to_regclass('caretaker.installed')::text AS installed",
  );
  const views = await readViews(client);
  if (!rows[0]?.installed) return { ...nothing(), views };
  const version = await client.query<{ version: number | null }>(
    "SELECT max(version) AS version FROM caretaker.installed",
  );
  return {
    version: version.rows[0]?.version ?? null,
    log: await readLog(client),
    captures: await readCaptures(client),
    faults: await readFaults(client),
    secured: await readSecured(client),
    archives: await readArchives(client),
    views,
  };
}

async function readLog(client: pg.ClientBase): Promise<Installed["log"]> {
  const { rows } = await client.query<Installed["log"]>(
    `SELECT ARRAY(SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                   WHERE i.inhparent = ${monthsParent} ORDER BY 1) AS partitions,
            ARRAY(SELECT indexname::text FROM pg_indexes
                   WHERE schemaname = 'caretaker' AND tablename IN ('audit_logs', 'audit_logs_indexed') ORDER BY 1) AS indexes,
            to_regclass('caretaker.audit_logs_indexed') IS NOT NULL AS "isStaged"`,
  );
  return rows[0] ?? nothing().log;
}

async function readCaptures(client: pg.ClientBase): Promise<Installed["captures"]> {
  const { rows } = await client.query<{ schema: string; name: string; fingerprint: string }>(
    "SELECT schema_name AS schema, table_name AS name, fingerprint FROM caretaker.captures ORDER BY 1, 2",
  );
  return new Map(rows.map((row) => [tableKey(row), row]));
}

/** A captured table, and each of its partitions, must carry its triggers, firing always ('A'). */
async function readFaults(client: pg.ClientBase): Promise<Installed["faults"]> {
  const { rows } = await client.query<{
    schema: string;
    name: string;
    part: string;
    missing: string[];
    off: string[];
  }>(`
    WITH captured AS (
      SELECT k.schema_name AS schema, k.table_name AS name, c.oid
        FROM caretaker.captures k
        JOIN pg_namespace n ON n.nspname = k.schema_name
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = k.table_name
    ), carriers AS (
      SELECT captured.schema, captured.name, part.oid, part.relname, part.relkind = 'p' AS is_root
        FROM captured
       CROSS JOIN LATERAL (SELECT captured.oid AS relid UNION SELECT tree.relid FROM pg_partition_tree(captured.oid) AS tree) AS member
        JOIN pg_class part ON part.oid = member.relid AND part.relkind IN ('r', 'p')
    )
    SELECT carriers.schema,
           carriers.name,
           carriers.relname AS part,
           array_agg(wanted.name ORDER BY wanted.name) FILTER (WHERE t.oid IS NULL) AS missing,
           array_agg(wanted.name ORDER BY wanted.name) FILTER (WHERE t.tgenabled <> 'A') AS off
      FROM carriers
     CROSS JOIN LATERAL unnest(
             CASE WHEN carriers.is_root THEN ARRAY['insert', 'update', 'delete'] ELSE ARRAY['insert', 'update', 'delete', 'truncate'] END
           ) AS wanted (name)
      LEFT JOIN pg_trigger t ON t.tgrelid = carriers.oid AND t.tgname = 'caretaker_' || wanted.name
     GROUP BY carriers.schema, carriers.name, carriers.relname
    HAVING bool_or(t.oid IS NULL OR t.tgenabled <> 'A')
     ORDER BY 1, 2, 3`);
  return new Map(rows.map((row) => [tableKey(row), describe(row)]));
}

function describe({
  name,
  part,
  missing,
  off,
}: {
  name: string;
  part: string;
  missing: string[] | null;
  off: string[] | null;
}): string {
  const where = part === name ? name : `its partition ${part}`;
  if (missing) return `The triggers for ${missing.join(", ")} are missing on ${where}.`;
  return `The triggers for ${(off ?? []).join(", ")} are switched off on ${where}.`;
}

/** What was secured before it had fingerprints has none, and is made anew. */
async function readSecured(client: pg.ClientBase): Promise<Installed["secured"]> {
  const { rows } = await client.query<{
    schema: string;
    name: string;
    wasEnabled: boolean;
    wasForced: boolean;
    stands: string | null;
  }>(`
    SELECT s.schema_name AS schema,
           s.table_name AS name,
           s.was_enabled AS "wasEnabled",
           s.was_forced AS "wasForced",
           CASE WHEN split_part(made.fingerprint, ':', 2) = ${standingRowSecurity("secured.oid")}
                THEN split_part(made.fingerprint, ':', 1) END AS stands
      FROM caretaker.row_security s
     CROSS JOIN LATERAL (SELECT to_jsonb(s) ->> 'fingerprint' AS fingerprint) AS made
      LEFT JOIN pg_namespace n ON n.nspname = s.schema_name
      LEFT JOIN pg_class secured ON secured.relnamespace = n.oid AND secured.relname = s.table_name
     ORDER BY 1, 2`);
  return new Map(rows.map((row) => [tableKey(row), row]));
}

/** What was installed before it had archives has none. */
async function readArchives(client: pg.ClientBase): Promise<Installed["archives"]> {
  const known = await client.query<{ there: boolean }>("SELECT to_regclass('caretaker.archives') IS NOT NULL AS there");
  if (!known.rows[0]?.there) return new Map();
  const { rows } = await client.query<{ schema: string; name: string; fingerprint: string }>(
    `SELECT a.schema_name AS schema, a.table_name AS name, CASE WHEN t.tgenabled = 'A' THEN a.fingerprint ELSE '' END AS fingerprint
       FROM caretaker.archives AS a
       LEFT JOIN pg_namespace AS n ON n.nspname = a.schema_name
       LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = a.table_name
       LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = 'caretaker_archive'
      ORDER BY 1, 2`,
  );
  return new Map(rows.map((row) => [tableKey(row), row]));
}

async function readViews(client: pg.ClientBase): Promise<Installed["views"]> {
  const { rows } = await client.query<InstalledView>(
    `SELECT n.nspname AS schema, v.relname AS name, coalesce(obj_description(v.oid, 'pg_class') = $1, false) AS ours,
            ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = v.oid AND a.attnum > 0 ORDER BY a.attnum) AS columns
       FROM pg_class v
       JOIN pg_namespace n ON n.oid = v.relnamespace
      WHERE v.relkind = 'v' AND v.relname LIKE 'active\\_%'
      ORDER BY 1, 2`,
    [activeViewComment],
  );
  return new Map(rows.map((row) => [tableKey(row), row]));
}
