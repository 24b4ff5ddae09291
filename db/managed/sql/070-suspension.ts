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
    "caretaker.admitted()",
    "Asked once a statement by every row-security policy.",
    `
CREATE OR REPLACE FUNCTION caretaker.admitted() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  tenant text := current_setting('app.current_tenant_id', true);
BEGIN
  IF EXISTS (SELECT FROM caretaker.suspended_tenants s WHERE s.tenant_key = tenant) THEN
    RAISE EXCEPTION 'Tenant % is suspended.', tenant
      USING ERRCODE = 'insufficient_privilege', HINT = 'An administrator can reopen it in Caretaker.';
  END IF;
  RETURN true;
END
$function$`,
  ),
];
