import type pg from "pg";
import type { MoveProblem } from "../../contract.ts";

export interface Surroundings {
  database: string;
  role: string;
  /** 150018. */
  version: number;
  encoding: string;
  collation: string;
  ctype: string;
  /** Who sorts: c for the system's library, i for ICU, b for PostgreSQL itself. */
  provider: string;
  /** Locales that a database may be made in, as the server spells them without - and in lower case. */
  locales: string[];
  /** Whether it was built with ICU. */
  icu: boolean;
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
            pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collation, d.datctype AS ctype,
            coalesce(to_jsonb(d)->>'datlocprovider', 'c') AS provider,
            ARRAY(SELECT DISTINCT replace(lower(collcollate), '-', '') FROM pg_collation WHERE collcollate IS NOT NULL
                   UNION SELECT replace(lower(datcollate), '-', '') FROM pg_database) AS locales,
            EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS icu, r.rolsuper AS superuser,
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
  return [...problems, ...checkLocale(from, to, createDatabase)];
}

/** A database that is made sorts as the one that the tenant leaves, where its server can. */
function checkLocale(from: Surroundings, to: Surroundings, createDatabase: boolean): MoveProblem[] {
  const sorts = ({ collation, ctype, provider }: Surroundings) =>
    `${collation}${ctype === collation ? "" : `, with characters of ${ctype},`}${provider === "c" ? "" : ` by ${provider === "i" ? "ICU" : "PostgreSQL"}`}`;
  if (!createDatabase && sorts(from) !== sorts(to)) {
    return [
      {
        severity: "warning",
        code: "collation",
        subject: to.database,
        message: `${to.database} sorts by ${sorts(to)}, ${from.database} by ${sorts(from)}.`,
        fix: "Texts come in another order there; choose a database of the same locale where that matters.",
      },
    ];
  }
  if (!createDatabase) return [];
  const missing = [from.collation, from.ctype].find(
    (one) => !to.locales.includes(one.toLowerCase().replaceAll("-", "")),
  );
  if (missing) {
    return [
      {
        severity: "blocking",
        code: "locale",
        subject: missing,
        message: `${from.database} is in the locale ${missing}, which the new place's server does not have.`,
        fix: `Install the locale on that server, then: SELECT pg_import_system_collations('pg_catalog'); there.`,
      },
    ];
  }
  if (from.provider !== "i" || to.icu) return [];
  return [
    {
      severity: "blocking",
      code: "locale",
      subject: from.database,
      message: `${from.database} sorts by ICU, without which the new place's server was built.`,
      fix: "Choose a server that was built with ICU, or move the tenant within the database.",
    },
  ];
}
