import { own, type Statement } from "../statement.ts";

/** What the application reports itself: login, logout, export and the like. */
export const events: Statement[] = [
  own(
    "caretaker.beside(jsonb, jsonb)",
    'Puts what is reported beside what is known. What only the database may say is never the reporter\'s: its keys, as reported, stand under "reported".',
    `
CREATE OR REPLACE FUNCTION caretaker.beside(known jsonb, given jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  vouched text[] := ARRAY['role', 'acting_role', 'application', 'client', 'ip_address', 'impersonator', 'api_key', 'reported']
                    || ARRAY(SELECT jsonb_object_keys(known));
BEGIN
  IF jsonb_typeof(given) <> 'object' THEN
    RETURN known || jsonb_build_object('reported', given);
  END IF;
  IF NOT given ?| vouched THEN
    RETURN given || known;
  END IF;
  RETURN (given - vouched) || known || jsonb_build_object('reported',
           (SELECT jsonb_object_agg(g.key, g.value) FROM jsonb_each(given) AS g WHERE g.key = ANY (vouched)));
END
$function$`,
  ),
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
          caretaker.beside(caretaker.circumstances(), coalesce($4, '{}')));
  RETURN entry;
END
$function$`,
  ),
  own(
    "caretaker.received_events",
    "Which events were recorded under an id of the reporter's own, so that one that is sent again is not recorded twice. No role may read it.",
    `
CREATE TABLE IF NOT EXISTS caretaker.received_events (
  event_id    text COLLATE "C" PRIMARY KEY,
  digest      text        NOT NULL,
  entry_id    bigint      NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now()
)`,
  ),
  own(
    "caretaker.received_events_received_at_idx",
    "Ids are kept for 90 days; this finds those that are older.",
    "CREATE INDEX IF NOT EXISTS received_events_received_at_idx ON caretaker.received_events (received_at)",
  ),
  own(
    "caretaker.log_event_once(...)",
    "log_event for whoever may send an event again: the same id is recorded once and answers with the same entry; with another content it is refused.",
    `
CREATE OR REPLACE FUNCTION caretaker.log_event_once(
  event_id text, action text, resource_type text DEFAULT NULL, resource_id text DEFAULT NULL, metadata jsonb DEFAULT NULL,
  tenant_id text DEFAULT NULL, OUT entry bigint, OUT repeated boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  content text := caretaker.mask(jsonb_build_array($2, $3, $4, $5, $6, nullif(current_setting('app.current_user_id', true), ''))::text);
  earlier record;
BEGIN
  IF $1 IS NULL OR $1 = '' OR length($1) > 200 THEN
    RAISE EXCEPTION 'An event id has 1 to 200 characters.' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('caretaker.event ' || $1, 0));
  SELECT r.digest, r.entry_id INTO earlier FROM caretaker.received_events r WHERE r.event_id = $1;
  IF FOUND THEN
    IF earlier.digest <> content THEN
      RAISE EXCEPTION 'The event id "%" was used for another event.', $1 USING ERRCODE = 'unique_violation';
    END IF;
    entry := earlier.entry_id;
    repeated := true;
    RETURN;
  END IF;
  entry := caretaker.log_event($2, $3, $4, coalesce($5, '{}') || jsonb_build_object('event_id', $1), $6);
  repeated := false;
  INSERT INTO caretaker.received_events (event_id, digest, entry_id) VALUES ($1, content, entry);
  DELETE FROM caretaker.received_events r
   WHERE r.event_id IN (SELECT o.event_id FROM caretaker.received_events o
                         WHERE o.received_at < now() - interval '90 days'
                         ORDER BY o.received_at LIMIT 20 FOR UPDATE SKIP LOCKED);
END
$function$`,
  ),
];
