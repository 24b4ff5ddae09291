import { createHash } from "node:crypto";
import { identifier, literal, own, relation, type Statement } from "./statement.ts";

export interface SecuredTable {
  schema: string;
  name: string;
  tenantColumn: string;
  /** As the catalog prints it: uuid, bigint, text … */
  tenantType: string;
}

export interface RowSecurityOptions {
  /** Roles that see every tenant's rows, besides the role that runs these statements: owners that migrate, reporting. */
  exempt?: readonly string[];
}

/**
 * Row security for one table of the shared tier. The application's role sees the rows of the tenant that it named in
 * `app.current_tenant_id` and no others; without one, none. FORCE makes it hold for the table's owner as well.
 */
export function rowSecurityStatements(
  table: SecuredTable,
  applicationRole: string,
  options: RowSecurityOptions = {},
): Statement[] {
  const name = relation(table.schema, table.name);
  const policies = policiesOf(table, applicationRole, options);
  const on = (sql: string, why: string): Statement => ({
    sql,
    object: `row security of ${name}`,
    lock: `ACCESS EXCLUSIVE on ${name}, milliseconds`,
    why,
    transactional: true,
  });
  return [
    own(
      "caretaker.row_security",
      "Remembers how row security stood before, so that it can be put back.",
      remember(table),
    ),
    on(`DROP POLICY IF EXISTS caretaker_tenant ON ${name}`, "Lets the plan run again."),
    on(`DROP POLICY IF EXISTS caretaker_staff ON ${name}`, "Lets the plan run again."),
    on(
      policies.tenant,
      "The application reads and writes the current tenant's rows only, and nothing while the tenant is suspended.",
    ),
    on(policies.staff, "Caretaker's own role, and the roles named as exempt, work on every tenant's rows."),
    on(
      `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      "The policies hold for the table's owner too.",
    ),
    own(
      "caretaker.row_security",
      "Was installed without fingerprints before.",
      "ALTER TABLE caretaker.row_security ADD COLUMN IF NOT EXISTS fingerprint text",
    ),
    own(
      "caretaker.row_security",
      "Records what was made, so that drift shows.",
      record(table, rowSecurityFingerprint(table, applicationRole, options)),
    ),
  ];
}

/** A hash of what the policies are made from. */
export function rowSecurityFingerprint(
  table: SecuredTable,
  applicationRole: string,
  options: RowSecurityOptions = {},
): string {
  const { tenant, staff } = policiesOf(table, applicationRole, options);
  return createHash("sha256").update(`${tenant};\n${staff}`).digest("hex");
}

/**
 * SQL of a hash of what stands on the table of this oid. It is of the policies as PostgreSQL parsed them and not as it prints them,
 * which depends on the key's type and on the search path. Whoever is connected is part of it: the staff's policy is that role's.
 */
export function standingRowSecurity(oid: string): string {
  return `(SELECT encode(sha256(convert_to(jsonb_build_array(current_user, c.relrowsecurity, c.relforcerowsecurity, (
            SELECT jsonb_agg(jsonb_build_array(p.polname, p.polcmd, p.polpermissive, p.polroles::text, p.polqual::text, p.polwithcheck::text)
                             ORDER BY p.polname)
              FROM pg_catalog.pg_policy AS p
             WHERE p.polrelid = c.oid AND p.polname IN ('caretaker_tenant', 'caretaker_staff')))::text, 'UTF8')), 'hex')
     FROM pg_catalog.pg_class AS c WHERE c.oid = ${oid})`;
}

function policiesOf(
  table: SecuredTable,
  applicationRole: string,
  options: RowSecurityOptions,
): { tenant: string; staff: string } {
  const name = relation(table.schema, table.name);
  const current = `nullif(current_setting('app.current_tenant_id', true), '')::${table.tenantType}`;
  // The session may spell the key otherwise than the list of those that are suspended: a uuid in capitals, 007.
  const rule = `${identifier(table.tenantColumn)} = ${current} AND (SELECT caretaker.admitted((${current})::text))`;
  const exempt = ["CURRENT_USER", ...(options.exempt ?? []).map((role) => identifier(role))].join(", ");
  return {
    tenant: `CREATE POLICY caretaker_tenant ON ${name} TO ${identifier(applicationRole)}\n  USING (${rule})\n  WITH CHECK (${rule})`,
    staff: `CREATE POLICY caretaker_staff ON ${name} TO ${exempt}\n  USING (true)\n  WITH CHECK (true)`,
  };
}

/** Puts row security back as it stood before `rowSecurityStatements`; `before` is the table's row in caretaker.row_security. */
export function dropRowSecurityStatements(
  table: { schema: string; name: string },
  before: { enabled: boolean; forced: boolean } = { enabled: false, forced: false },
): Statement[] {
  const name = relation(table.schema, table.name);
  const states = [
    ...(before.forced ? [] : ["NO FORCE ROW LEVEL SECURITY"]),
    ...(before.enabled ? [] : ["DISABLE ROW LEVEL SECURITY"]),
  ];
  const on = (sql: string, why: string): Statement => ({
    sql,
    object: `row security of ${name}`,
    lock: `ACCESS EXCLUSIVE on ${name}, milliseconds`,
    why,
    transactional: true,
  });
  return [
    ...(states.length > 0
      ? [on(`ALTER TABLE ${name} ${states.join(", ")}`, "Row security stands as it did before.")]
      : []),
    on(`DROP POLICY IF EXISTS caretaker_tenant ON ${name}`, "The policy goes."),
    on(`DROP POLICY IF EXISTS caretaker_staff ON ${name}`, "The policy goes."),
    own(
      "caretaker.row_security",
      "Nothing is left to put back.",
      `DELETE FROM caretaker.row_security WHERE schema_name = ${literal(table.schema)} AND table_name = ${literal(table.name)}`,
    ),
  ];
}

function remember(table: SecuredTable): string {
  return `
INSERT INTO caretaker.row_security (schema_name, table_name, was_enabled, was_forced)
SELECT ${literal(table.schema)}, ${literal(table.name)}, relrowsecurity, relforcerowsecurity
  FROM pg_catalog.pg_class WHERE oid = ${literal(relation(table.schema, table.name))}::regclass
    ON CONFLICT DO NOTHING`;
}

function record(table: SecuredTable, made: string): string {
  const stands = standingRowSecurity(`${literal(relation(table.schema, table.name))}::regclass`);
  return `
UPDATE caretaker.row_security SET fingerprint = ${literal(`${made}:`)} || ${stands}
 WHERE schema_name = ${literal(table.schema)} AND table_name = ${literal(table.name)}`;
}
