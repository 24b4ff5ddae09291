import type pg from "pg";
import { Refusal } from "../errors.ts";
import type { Enforcement } from "./contract.ts";
import type { LockedTenant } from "./lock.ts";

interface Expected {
  applicationRole: string | null;
  tables: { schema: string; name: string }[];
}

/** The tables that hold this tenant's rows where it lives now, and the role that its application connects as. */
export async function expectedTables(
  control: Pick<pg.ClientBase, "query">,
  tenant: Pick<LockedTenant, "name" | "placement">,
): Promise<Expected> {
  const place = placeOf(tenant);
  const { rows } = await control.query<{ role: string | null; schema: string | null; name: string | null }>(
    `SELECT d.application_role AS role, m.schema, m.name
       FROM databases d
       LEFT JOIN managed_tables m
              ON m.database_id = d.id
             AND m.class IN ('tenant', 'child')
             AND CASE WHEN $2 = 'schema' THEN m.schema = $3
                      WHEN $2 = 'database' THEN true
                      ELSE NOT EXISTS (SELECT
                                         FROM placements p
                                        WHERE p.database_id = d.id AND p.tier = 'schema' AND p.state = 'open'
                                          AND p.schema = m.schema) END
      WHERE d.id = $1
      ORDER BY 2, 3`,
    [place.databaseId, place.tier, place.schema],
  );
  const tables = rows.flatMap(({ schema, name }) => (schema && name ? [{ schema, name }] : []));
  return { applicationRole: rows[0]?.role ?? null, tables };
}

export function placeOf(tenant: Pick<LockedTenant, "name" | "placement">): NonNullable<LockedTenant["placement"]> {
  if (tenant.placement) return tenant.placement;
  throw new Refusal("conflict", `${tenant.name} has no open placement: it is moving or was dropped.`, {
    fix: "Wait for the move to end, then try again.",
  });
}

/**
 * Which of the tables would refuse a suspended tenant: row-level security is on, applies to the application's role even
 * where it owns the table, and a policy asks `caretaker.admitted()`.
 */
export async function readEnforcement(managed: pg.PoolClient, expected: Expected): Promise<Enforcement> {
  const { rows } = await managed.query<{ name: string; enforced: boolean; bypassed: boolean }>(
    `SELECT format('%I.%I', wanted.schema, wanted.name) AS name,
            coalesce(c.relrowsecurity
              AND (c.relforcerowsecurity OR NOT coalesce(pg_has_role(r.oid, c.relowner, 'USAGE'), false))
              AND EXISTS (
                SELECT
                  FROM pg_policy p
                  JOIN pg_depend dep ON dep.classid = 'pg_policy'::regclass AND dep.objid = p.oid
                                    AND dep.refclassid = 'pg_proc'::regclass
                  JOIN pg_proc f ON f.oid = dep.refobjid AND f.proname = 'admitted'
                 WHERE p.polrelid = c.oid AND f.pronamespace = to_regnamespace('caretaker')), false) AS enforced,
            coalesce(r.rolsuper OR r.rolbypassrls, false) AS bypassed
       FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
       LEFT JOIN pg_namespace n ON n.nspname = wanted.schema
       LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
       LEFT JOIN pg_roles r ON r.rolname = $3
      ORDER BY 1`,
    [
      expected.tables.map((table) => table.schema),
      expected.tables.map((table) => table.name),
      expected.applicationRole,
    ],
  );
  return {
    applicationRole: expected.applicationRole,
    bypassed: rows.some((row) => row.bypassed),
    enforced: rows.filter((row) => row.enforced).map((row) => row.name),
    open: rows.filter((row) => !row.enforced).map((row) => row.name),
  };
}

/** @throws Refusal `unsupported` when nothing in the database would refuse the tenant. */
export function requireEnforcement(enforcement: Enforcement): void {
  if (enforcement.bypassed) {
    throw new Refusal(
      "unsupported",
      `The application's role ${enforcement.applicationRole} is not subject to row-level security, so a suspension would stop nobody.`,
      { fix: "Let the application connect as a role that is no superuser and has no BYPASSRLS." },
    );
  }
  if (enforcement.enforced.length > 0) return;
  throw new Refusal(
    "unsupported",
    "Row-level security is not in force on this tenant's tables, so a suspension would stop nobody.",
    {
      fix: "Turn on row-level security for its tables in the adoption plan of the database, apply it, then suspend.",
    },
  );
}
