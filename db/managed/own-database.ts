import type pg from "pg";
import type { DefinitionProblem } from "./definition/definition.ts";
import { identifier, literal, type Statement } from "./statement.ts";

/** How a database encodes and sorts, and who may do what with it. */
export interface DatabaseSettings {
  encoding: string;
  collate: string;
  ctype: string;
  /** Who sorts: c for the system's library, i for ICU, b for PostgreSQL itself. */
  provider: string;
  /** Of ICU or of PostgreSQL itself. */
  locale: string | null;
  /** Null where nobody ever gave or took a right. The grantee null is PUBLIC. */
  grants: { grantee: string | null; privilege: string }[] | null;
}

/** The server on which a database is made. */
export interface HostServer {
  roles: ReadonlySet<string>;
  /** 150018. */
  version: number;
}

/** Of the database that `client` is connected to. Whoever asks will own the copy, and needs no right to it. */
export async function readDatabaseSettings(client: pg.ClientBase): Promise<DatabaseSettings> {
  const { rows } = await client.query<DatabaseSettings>(
    `SELECT pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
            coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') AS provider,
            coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale,
            CASE WHEN d.datacl IS NOT NULL THEN coalesce(
                   (SELECT json_agg(json_build_object('grantee', r.rolname, 'privilege', acl.privilege_type)
                                    ORDER BY acl.grantee, acl.privilege_type)
                      FROM aclexplode(d.datacl) AS acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
                     WHERE r.rolname IS DISTINCT FROM current_user), '[]') END AS grants
       FROM pg_database d WHERE d.datname = current_database()`,
  );
  const [settings] = rows;
  if (!settings) throw new Error("The database is not in its server's list.");
  return settings;
}

/** A tenant's own database with the encoding, the locale and the rights of the one that it leaves, or is listed in. */
export function ownDatabaseStatements(
  name: string,
  settings: DatabaseSettings,
  { roles, version }: HostServer,
): Statement[] {
  const { encoding, collate, ctype, grants } = settings;
  const database = identifier(name);
  const on = (sql: string, why: string, transactional: boolean): Statement => ({
    sql,
    object: `database ${database}`,
    lock: "none",
    why,
    transactional,
  });
  const given = (grants ?? []).filter(({ grantee }) => grantee === null || roles.has(grantee));
  return [
    on(
      `CREATE DATABASE ${database} TEMPLATE template0 ENCODING ${literal(encoding)} LC_COLLATE ${literal(collate)} LC_CTYPE ${literal(ctype)}${version < 150_000 ? "" : providerOf(settings)}`,
      "The tenant's own, with the encoding and locale of the one that it comes from.",
      false,
    ),
    ...(grants === null
      ? []
      : [
          on(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`, "As on the database that it comes from.", true),
          ...given.map(({ grantee, privilege }) =>
            on(
              `GRANT ${privilege} ON DATABASE ${database} TO ${grantee === null ? "PUBLIC" : identifier(grantee)}`,
              "As on the database that it comes from.",
              true,
            ),
          ),
        ]),
  ];
}

/** Without it the server's own would sort, whichever that is. */
function providerOf({ provider, locale }: DatabaseSettings): string {
  if (provider === "i" && locale !== null) return ` LOCALE_PROVIDER icu ICU_LOCALE ${literal(locale)}`;
  if (provider === "b" && locale !== null) return ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(locale)}`;
  return " LOCALE_PROVIDER libc";
}

/** Makes it on its server unless it is there, and gives the rights again: an earlier attempt may have ended in between. */
export async function makeOwnDatabase(
  server: pg.ClientBase,
  name: string,
  statements: readonly Statement[],
): Promise<void> {
  const { rowCount } = await server.query("SELECT FROM pg_database WHERE datname = $1", [name]);
  for (const { sql, transactional } of statements) {
    if (transactional || rowCount === 0) await server.query(sql);
  }
}

export function ungranted(
  { grants }: DatabaseSettings,
  database: string,
  { roles }: Pick<HostServer, "roles">,
): DefinitionProblem[] {
  const missing = new Set((grants ?? []).flatMap(({ grantee }) => grantee ?? []).filter((role) => !roles.has(role)));
  return [...missing].map((role) => ({
    severity: "warning",
    code: "missing_role",
    subject: `rights of ${role}`,
    message: `The server of ${database} has no role ${role}, whose rights on the database are not given there.`,
    fix: `CREATE ROLE for ${role} on that server first, if it is to connect there.`,
  }));
}
