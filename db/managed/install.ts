import type pg from "pg";
import { schemaStatements } from "./sql/010-schema.ts";
import { auditLogs } from "./sql/020-audit-logs.ts";
import { knownByIndex } from "./sql/025-known-by.ts";
import { partitions } from "./sql/030-partitions.ts";
import { staged } from "./sql/035-staged.ts";
import { context } from "./sql/040-context.ts";
import { masking } from "./sql/050-masking.ts";
import { events } from "./sql/060-events.ts";
import { suspension } from "./sql/070-suspension.ts";
import { gates } from "./sql/072-gates.ts";
import { operations } from "./sql/075-operations.ts";
import { restores } from "./sql/077-restores.ts";
import { holds } from "./sql/078-holds.ts";
import { purges } from "./sql/079-purges.ts";
import { sourcePartitions } from "./sql/080-source-partitions.ts";
import { access } from "./sql/085-access.ts";
import { roles } from "./sql/090-roles.ts";
import { own, type Statement } from "./statement.ts";

/** Grows with every change to the installed SQL. */
export const installedVersion = 12;

export interface InstallOptions {
  /** Owns the schema; the log can be changed by nobody else. Never the application's role. */
  owner: string;
  /** Whether the roles caretaker_reader and caretaker_operator are made; they belong to the whole server. */
  createRoles: boolean;
}

/** For whoever is connected: the roles are made by one who may, and there for one who need not. */
export async function readInstallOptions(client: pg.ClientBase): Promise<InstallOptions> {
  const { rows } = await client.query<InstallOptions>(
    `SELECT current_user AS owner,
            (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user)
            OR (SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('caretaker_reader', 'caretaker_operator')) AS "createRoles"`,
  );
  const [options] = rows;
  if (!options) throw new Error("The server did not say who is connected.");
  return options;
}

/** The same in a database that is new: its log takes entries at once. */
export function freshInstallStatements(options: InstallOptions): Statement[] {
  return [
    ...installStatements(options),
    own(
      "partitions of caretaker.audit_logs",
      "This month's and the next three.",
      "SELECT caretaker.ensure_partitions(3)",
    ),
  ];
}

/** Installs the schema `caretaker`. Running it again changes nothing. */
export function installStatements({ owner, createRoles }: InstallOptions): Statement[] {
  return [
    ...schemaStatements(owner),
    ...auditLogs,
    ...knownByIndex,
    ...partitions,
    ...staged,
    ...context,
    ...masking,
    ...events,
    ...suspension,
    ...gates,
    ...operations,
    ...restores,
    ...holds,
    ...purges,
    ...sourcePartitions,
    ...access,
    ...(createRoles ? roles : []),
    own(
      "caretaker.installed",
      "Records the version.",
      `INSERT INTO caretaker.installed (version) VALUES (${installedVersion}) ON CONFLICT (version) DO NOTHING`,
    ),
  ];
}

/**
 * Removes everything: the schema, and with it the log, every capture function and the triggers that call them. Row security is
 * taken off first by `dropRowSecurityStatements`, table by table.
 */
export function removeStatements(options: { dropRoles: boolean }): Statement[] {
  return [
    {
      sql: "DROP SCHEMA IF EXISTS caretaker CASCADE",
      object: "schema caretaker with the audit log",
      lock: "ACCESS EXCLUSIVE on each captured table, milliseconds",
      why: "Removes everything that Caretaker installed. The log's entries go with it.",
      transactional: true,
    },
    ...(options.dropRoles ? ["caretaker_reader", "caretaker_operator"].map(dropRole) : []),
  ];
}

function dropRole(name: string): Statement {
  return own(
    `role ${name}`,
    "The role goes, unless another database of this server still grants it something.",
    `
DO $do$
BEGIN
  DROP ROLE IF EXISTS ${name};
EXCEPTION WHEN dependent_objects_still_exist THEN
  RAISE NOTICE 'Role ${name} stays: another database uses it.';
END
$do$`,
  );
}
