import type pg from "pg";
import type { MoveProblem } from "../../contract.ts";
import type { FoundTable } from "../catalog.ts";

export interface Surroundings {
  database: string;
  role: string;
  /** 150018. */
  version: number;
  encoding: string;
  collation: string;
  superuser: boolean;
  mayCreateDatabase: boolean;
  mayCreateSchema: boolean;
  maySilenceTriggers: boolean;
  /** Of what Caretaker installed; null where nothing is. */
  installed: number | null;
}

export async function readSurroundings(client: pg.ClientBase): Promise<Surroundings> {
  const { rows } = await client.query<Surroundings & { there: boolean }>(
    `SELECT current_database() AS database, current_user AS role, current_setting('server_version_num')::int AS version,
            pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collation, r.rolsuper AS superuser,
            r.rolsuper OR r.rolcreatedb AS "mayCreateDatabase",
            has_database_privilege(d.oid, 'CREATE') AS "mayCreateSchema", NULL::int AS installed,
            to_regclass('caretaker.move_workers') IS NOT NULL AS there
       FROM pg_database d, pg_roles r
      WHERE d.datname = current_database() AND r.rolname = current_user`,
  );
  const [row] = rows;
  if (!row) throw new Error("The server did not say who is connected.");
  const { there, ...found } = row;
  return {
    ...found,
    installed: there ? 1 : null,
    maySilenceTriggers: found.superuser || (await maySilence(client, found.version)),
  };
}

async function maySilence(client: pg.ClientBase, version: number): Promise<boolean> {
  if (version < 150_000) return false;
  const { rows } = await client.query<{ may: boolean }>(
    "SELECT has_parameter_privilege('session_replication_role', 'SET') AS may",
  );
  return rows[0]?.may ?? false;
}

/** What stands in the way at the databases, whatever the tables are. `to` is null where the database is to be made. */
export function checkServers(from: Surroundings, to: Surroundings, createDatabase: boolean): MoveProblem[] {
  const stops = (code: string, subject: string, message: string, fix: string): MoveProblem => ({
    severity: "blocking",
    code,
    subject,
    message,
    fix,
  });
  const problems: MoveProblem[] = [];
  for (const one of createDatabase || from.database === to.database ? [from] : [from, to]) {
    if (one.installed === null) {
      problems.push(
        stops(
          "not_installed",
          one.database,
          `What Caretaker installed in ${one.database} is older than moves.`,
          "Apply its adoption plan again.",
        ),
      );
    }
  }
  for (const one of [from, to]) {
    if (!one.maySilenceTriggers) {
      problems.push(
        stops(
          "replication_role",
          one.role,
          `${one.role} may not silence triggers at ${one.database}.`,
          `GRANT SET ON PARAMETER session_replication_role TO "${one.role}"; before PostgreSQL 15 it must be a superuser.`,
        ),
      );
    }
  }
  if (createDatabase && !to.mayCreateDatabase) {
    problems.push(
      stops("create_database", to.role, `${to.role} may not create databases.`, `ALTER ROLE "${to.role}" CREATEDB;`),
    );
  }
  if (!createDatabase && !to.mayCreateSchema) {
    problems.push(
      stops(
        "create_schema",
        to.role,
        `${to.role} may not create schemas in ${to.database}.`,
        `GRANT CREATE ON DATABASE "${to.database}" TO "${to.role}";`,
      ),
    );
  }
  if (Math.floor(to.version / 10_000) < Math.floor(from.version / 10_000)) {
    problems.push(
      stops(
        "version",
        to.database,
        `The new place's server is PostgreSQL ${Math.floor(to.version / 10_000)}, older than the tenant's now.`,
        "Choose a server of the same version or a newer one.",
      ),
    );
  }
  if (!createDatabase && to.encoding !== from.encoding) {
    problems.push(
      stops(
        "encoding",
        to.database,
        `${to.database} is in ${to.encoding}, ${from.database} in ${from.encoding}.`,
        "Choose a database of the same encoding.",
      ),
    );
  }
  if (!createDatabase && to.collation !== from.collation) {
    problems.push({
      severity: "warning",
      code: "collation",
      subject: to.database,
      message: `${to.database} sorts by ${to.collation}, ${from.database} by ${from.collation}.`,
      fix: "Texts come in another order there; choose a database of the same locale where that matters.",
    });
  }
  return problems;
}

/** An application that owns its tables or is a superuser can switch off what fences it. */
export async function checkApplicationRole(
  client: pg.ClientBase,
  role: string | null,
  mover: string,
  tables: readonly FoundTable[],
): Promise<MoveProblem[]> {
  const warns = (code: string, message: string, fix: string): MoveProblem => ({
    severity: "warning",
    code,
    subject: role ?? "application role",
    message,
    fix,
  });
  if (role === null) {
    return [
      warns(
        "no_application_role",
        "The model does not say which role the application connects as.",
        "Choose it in the model, so that it can be checked here.",
      ),
    ];
  }
  const { rows } = await client.query<{ superuser: boolean; bypass: boolean }>(
    "SELECT rolsuper AS superuser, rolbypassrls AS bypass FROM pg_roles WHERE rolname = $1",
    [role],
  );
  const problems: MoveProblem[] = [];
  if (role === mover) {
    problems.push({
      ...warns(
        "same_role",
        `The application connects as ${role}, like Caretaker: its writes could not be told from the mover's.`,
        "Give the application a role of its own.",
      ),
      severity: "blocking",
    });
  }
  if (rows[0]?.superuser || rows[0]?.bypass) {
    problems.push(
      warns(
        "role_bypasses",
        `${role} is not bound by row security: it would read old rows at the place that was left, though it can write none.`,
        "Give the application a role without SUPERUSER and BYPASSRLS.",
      ),
    );
  }
  const owned = tables.filter(({ owner }) => owner === role);
  if (owned.length > 0) {
    problems.push(
      warns(
        "role_owns",
        `${role} owns ${owned.length} of the tables, so that it can disable the triggers that fence it.`,
        "Let another role own them.",
      ),
    );
  }
  return problems;
}
