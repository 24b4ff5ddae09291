import { own, type Statement } from "../statement.ts";

/** What the application reports itself: login, logout, export and the like. */
export const events: Statement[] = [
  own(
    "caretaker.log_event(...)",
    "Records an application event in the caller's transaction. The names of row events are refused, so that none can be forged.",
    `
CREATE OR REPLACE FUNCTION caretaker.log_event(
  action text, resource_type text DEFAULT NULL, resource_id text DEFAULT NULL, metadata jsonb DEFAULT NULL, tenant_id text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  at timestamptz := clock_timestamp();
  entry bigint := floor(date_part('epoch', at) * 1000)::bigint << 20 | (nextval('caretaker.entry_sequence') & 1048575);
BEGIN
  IF $1 IS NULL OR $1 IN ('create', 'update', 'delete', 'truncate') THEN
    RAISE EXCEPTION 'An event needs a name of its own, not "%".', $1 USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO caretaker.audit_logs (id, created_at, tenant_id, user_id, ip_address, user_agent, action, resource_type, resource_id,
                                    request_id, transaction_id, metadata)
  VALUES (entry, at,
          left(coalesce($5, nullif(current_setting('app.current_tenant_id', true), '')), 200),
          left(nullif(current_setting('app.current_user_id', true), ''), 200),
          caretaker.address(nullif(current_setting('app.ip_address', true), '')),
          left(nullif(current_setting('app.user_agent', true), ''), 1000),
          left($1, 200), left($2, 200), left($3, 200),
          left(nullif(current_setting('app.request_id', true), ''), 200),
          pg_current_xact_id(),
          nullif(coalesce(caretaker.circumstances(), '{}') || coalesce($4, '{}'), '{}'));
  RETURN entry;
END
$function$`,
  ),
];
