import type pg from "pg";
import { identifier } from "./statement.ts";

/** The right to connect to a database. The role null is PUBLIC. */
export interface DoorGrant {
  role: string | null;
  grantable: boolean;
}

/** Who may connect to the database that the console is connected to, and who is. Superusers always may, and the console's own role. */
export interface Door {
  database: string;
  self: string;
  /** Whether the console has its right through PUBLIC or another role, so that it needs one of its own once those have none. */
  borrows: boolean;
  grants: DoorGrant[];
  /** Roles that can sign in and may connect. One that inherits has the right as a member of the owner or of the console's role. */
  admits: { role: string; inherits: boolean }[];
  superusers: string[];
  /** Of roles that are neither superusers nor the console's own. */
  sessions: number;
}

/** Others than superusers and the console. */
const outsider = "r.rolname <> current_user AND NOT r.rolsuper";

export async function readDoor(client: pg.ClientBase): Promise<Door> {
  const { rows } = await client.query<Door>(
    `WITH here AS (
       SELECT d.oid, d.datname, d.datdba, acl.grantee, acl.is_grantable
         FROM pg_database AS d LEFT JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS acl
           ON acl.privilege_type = 'CONNECT'
        WHERE d.datname = current_database()
     ), me AS (SELECT oid, rolsuper FROM pg_roles WHERE rolname = current_user)
     SELECT current_database() AS database, current_user AS self,
            (SELECT NOT rolsuper AND NOT EXISTS (SELECT FROM here WHERE grantee = me.oid) FROM me) AS borrows,
            (SELECT coalesce(json_agg(json_build_object('role', role, 'grantable', grantable) ORDER BY role NULLS FIRST), '[]')
               FROM (SELECT r.rolname AS role, bool_or(is_grantable) AS grantable
                       FROM here LEFT JOIN pg_roles AS r ON r.oid = grantee
                      WHERE grantee IS NOT NULL AND (grantee = 0 OR r.rolname <> current_user) GROUP BY r.rolname) AS given) AS grants,
            (SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'inherits',
                                        pg_has_role(r.oid, d.datdba, 'USAGE') OR pg_has_role(r.oid, me.oid, 'USAGE')) ORDER BY r.rolname), '[]')
               FROM pg_roles AS r, me, (SELECT oid, datdba FROM here LIMIT 1) AS d
              WHERE r.rolcanlogin AND ${outsider} AND has_database_privilege(r.oid, d.oid, 'CONNECT')) AS admits,
            (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM pg_roles AS r
              WHERE r.rolcanlogin AND r.rolsuper AND r.rolname <> current_user) AS superusers,
            (SELECT count(*)::int FROM ${othersSql}) AS sessions`,
  );
  const [door] = rows;
  if (!door) throw new Error("The database is not in its server's list.");
  return door;
}

const othersSql = `pg_stat_activity AS a JOIN pg_roles AS r ON r.oid = a.usesysid
                    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND ${outsider}`;

/** Takes these rights; in a transaction, so that all of them go or none. What depends on them goes along. */
export async function takeRights(client: pg.ClientBase, { database, self, borrows, grants }: Door): Promise<void> {
  const on = `CONNECT ON DATABASE ${identifier(database)}`;
  if (borrows) await client.query(`GRANT ${on} TO ${identifier(self)}`);
  for (const { role } of grants) await client.query(`REVOKE ${on} FROM ${grantee(role)} CASCADE`);
}

/** Gives them again, and takes the console's where it was only lent. Answers roles that are not there any more. */
export async function giveRights(
  client: pg.ClientBase,
  grants: readonly DoorGrant[],
  lent: boolean,
): Promise<{ gone: string[] }> {
  const { database, self } = await readDoor(client);
  const on = `CONNECT ON DATABASE ${identifier(database)}`;
  const { rows } = await client.query<{ role: string }>(
    "SELECT rolname AS role FROM pg_roles WHERE rolname = ANY ($1::text[])",
    [grants.map(({ role }) => role)],
  );
  const there = new Set<string | null>([null, ...rows.map(({ role }) => role)]);
  for (const { role, grantable } of grants) {
    if (there.has(role)) await client.query(`GRANT ${on} TO ${grantee(role)}${grantable ? " WITH GRANT OPTION" : ""}`);
  }
  if (lent) await client.query(`REVOKE ${on} FROM ${identifier(self)}`);
  return { gone: grants.flatMap(({ role }) => (role === null || there.has(role) ? [] : [role])) };
}

/** Ends the sessions of others, as far as the console may. */
export async function endSessions(client: pg.ClientBase): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(a.pid) FROM ${othersSql}
        AND (pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))`,
  );
}

/** The statements as the database's owner runs them. */
export function takeRightsSql({ database, self, grants }: Door): string {
  const on = `CONNECT ON DATABASE ${identifier(database)}`;
  const from = grants.map(({ role }) => grantee(role)).join(", ");
  return `GRANT ${on} TO ${identifier(self)}; REVOKE ${on} FROM ${from} CASCADE`;
}

function grantee(role: string | null): string {
  return role === null ? "PUBLIC" : identifier(role);
}
