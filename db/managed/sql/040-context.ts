import { own, type Statement } from "../statement.ts";

/** How the application says who acts. */
export const context: Statement[] = [
  own(
    "caretaker.set_context(...)",
    "Version 1 had fewer parameters; beside it, a call by position would be ambiguous.",
    "DROP FUNCTION IF EXISTS caretaker.set_context(text, text, text, text, text, text)",
  ),
  own(
    "caretaker.set_context(...)",
    "Tells the audit log who acts, until the end of the transaction. An application may as well set the app.* settings itself.",
    `
CREATE OR REPLACE FUNCTION caretaker.set_context(
  user_id text DEFAULT NULL, tenant_id text DEFAULT NULL, ip_address text DEFAULT NULL,
  user_agent text DEFAULT NULL, request_id text DEFAULT NULL, reason text DEFAULT NULL,
  impersonator_id text DEFAULT NULL, api_key text DEFAULT NULL
) RETURNS void
LANGUAGE sql
AS $function$
  SELECT pg_catalog.set_config('app.current_user_id', coalesce($1, ''), true),
         pg_catalog.set_config('app.current_tenant_id', coalesce($2, ''), true),
         pg_catalog.set_config('app.ip_address', coalesce($3, ''), true),
         pg_catalog.set_config('app.user_agent', coalesce($4, ''), true),
         pg_catalog.set_config('app.request_id', coalesce($5, ''), true),
         pg_catalog.set_config('app.reason', coalesce($6, ''), true),
         pg_catalog.set_config('app.impersonator_id', coalesce($7, ''), true),
         pg_catalog.set_config('app.api_key', coalesce($8, ''), true);
$function$`,
  ),
  own(
    "caretaker.address(text)",
    "Reads an address out of whatever the application set, such as an X-Forwarded-For list. It never fails.",
    `
CREATE OR REPLACE FUNCTION caretaker.address(given text) RETURNS inet
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RETURN btrim(split_part(given, ',', 1))::inet;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END
$function$`,
  ),
  own(
    "caretaker.circumstances()",
    "What is known beside the actor: the session's role, the role it acts in, the reason, who acts in their name, by which key, and where the actor is unknown the program.",
    `
CREATE OR REPLACE FUNCTION caretaker.circumstances() RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  known jsonb := jsonb_build_object('role', session_user);
  given text := nullif(current_setting('app.ip_address', true), '');
BEGIN
  IF coalesce(current_setting('app.reason', true), '') <> '' THEN
    known := known || jsonb_build_object('reason', left(current_setting('app.reason', true), 2000));
  END IF;
  IF coalesce(current_setting('app.impersonator_id', true), '') <> '' THEN
    known := known || jsonb_build_object('impersonator', left(current_setting('app.impersonator_id', true), 200));
  END IF;
  IF coalesce(current_setting('app.api_key', true), '') <> '' THEN
    known := known || jsonb_build_object('api_key', left(current_setting('app.api_key', true), 200));
  END IF;
  IF coalesce(current_setting('app.current_user_id', true), '') = '' THEN
    known := known || jsonb_build_object(
      'application', current_setting('application_name'),
      'client', host(inet_client_addr()));
  END IF;
  IF current_setting('role') <> 'none' THEN
    known := known || jsonb_build_object('acting_role', current_setting('role'));
  END IF;
  IF given IS NOT NULL AND host(caretaker.address(given)) IS DISTINCT FROM given THEN
    known := known || jsonb_build_object('ip_address', left(given, 200));
  END IF;
  RETURN known;
END
$function$`,
  ),
];
