import { own, type Statement } from "../statement.ts";

/** A suspended tenant is refused by row security, and the refusal says so. */
export const suspension: Statement[] = [
  own(
    "caretaker.suspended_tenants",
    "The tenants whose requests are refused.",
    `
CREATE TABLE IF NOT EXISTS caretaker.suspended_tenants (
  tenant_key   text        PRIMARY KEY,
  reason       text        NOT NULL,
  suspended_at timestamptz NOT NULL DEFAULT now()
)`,
  ),
  own(
    "caretaker.admitted(text)",
    "Asked once a statement by every row-security policy, with the tenant's key as its column would spell it.",
    `
CREATE OR REPLACE FUNCTION caretaker.admitted(tenant text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF EXISTS (SELECT FROM caretaker.suspended_tenants s WHERE s.tenant_key = tenant) THEN
    RAISE EXCEPTION 'Tenant % is suspended.', tenant
      USING ERRCODE = 'insufficient_privilege', HINT = 'An administrator can reopen it in Caretaker.';
  END IF;
  RETURN true;
END
$function$`,
  ),
  own(
    "caretaker.admitted()",
    "Asked by policies of before, which take the key as the session spells it; a new plan replaces them.",
    `
CREATE OR REPLACE FUNCTION caretaker.admitted() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT caretaker.admitted(current_setting('app.current_tenant_id', true));
$function$`,
  ),
];
