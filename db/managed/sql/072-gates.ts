import { own, type Statement } from "../statement.ts";

/**
 * Where a tenant that moves, or lives in a place of its own, may write. Triggers exist only while a move lasts; the gate's row stays,
 * so that this database can go on saying where the tenant lives.
 */
export const gates: Statement[] = [
  own(
    "caretaker.gates",
    "One row for each place of a tenant that moves, has moved or was made elsewhere: whether it may write there, and where it lives.",
    `
CREATE TABLE IF NOT EXISTS caretaker.gates (
  tenant_key  text        NOT NULL,
  schema_name text        NOT NULL,
  state       text        NOT NULL CHECK (state IN ('open', 'importing', 'moved')),
  move_id     uuid        NOT NULL,
  placement   jsonb       NOT NULL,
  before      jsonb       NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_key, schema_name)
)`,
  ),
  own(
    "caretaker.move_workers",
    "Which worker has a move now; one with an older epoch changes nothing here any more. Kept apart from the gates, whose rows writers with an old snapshot hold.",
    `
CREATE TABLE IF NOT EXISTS caretaker.move_workers (
  move_id uuid    PRIMARY KEY,
  epoch   integer NOT NULL
)`,
  ),
  own(
    "caretaker.move_progress",
    "How far a move has copied a table to this database; it commits with the rows.",
    `
CREATE TABLE IF NOT EXISTS caretaker.move_progress (
  move_id  uuid    NOT NULL,
  ordinal  integer NOT NULL,
  last_key text[],
  rows     bigint  NOT NULL,
  bytes    bigint  NOT NULL,
  done     boolean NOT NULL,
  PRIMARY KEY (move_id, ordinal)
)`,
  ),
  own(
    "caretaker.placements",
    "Where the tenants live that this database knows to have moved, or to have been made elsewhere; every other one lives in the shared schema.",
    `
CREATE OR REPLACE VIEW caretaker.placements AS
SELECT DISTINCT ON (tenant_key)
       tenant_key, placement ->> 'tier' AS tier, placement ->> 'host' AS host, (placement ->> 'port')::integer AS port,
       placement ->> 'database' AS database, placement ->> 'schema' AS schema, changed_at
  FROM caretaker.gates
 ORDER BY tenant_key, changed_at DESC`,
  ),
  own(
    "access to caretaker.placements",
    "Any role of the application may ask where a tenant lives.",
    "GRANT SELECT ON caretaker.placements TO PUBLIC",
  ),
  own(
    "caretaker.pass_gate(text, text, bigint)",
    "Asked by every write of a tenant that moves. An advisory lock alone would let a transaction with an old snapshot through.",
    `
CREATE OR REPLACE FUNCTION caretaker.pass_gate(tenant text, schema text, lock_key bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  gate record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(lock_key);
  IF current_setting('transaction_isolation') = 'read committed' THEN
    SELECT g.state, g.placement INTO gate FROM caretaker.gates g
     WHERE g.tenant_key = tenant AND g.schema_name = schema;
  ELSE
    SELECT g.state, g.placement INTO gate FROM caretaker.gates g
     WHERE g.tenant_key = tenant AND g.schema_name = schema FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'This transaction began before tenant % began to move.', tenant
        USING ERRCODE = 'serialization_failure', HINT = 'Run the transaction again.';
    END IF;
  END IF;
  IF gate.state IS DISTINCT FROM 'open' THEN
    RAISE EXCEPTION 'Tenant % does not live here.', tenant
      USING ERRCODE = '55P04', DETAIL = 'It was moved, or is about to come.', HINT = gate.placement::text;
  END IF;
END
$function$`,
  ),
  own(
    "caretaker.readable(text, text, boolean)",
    "Asked once a statement by the policies that a move puts on tables: rows at a place that was left are refused, not returned. Those of before leave it to this to tell whom the session named, by its spelling.",
    `
CREATE OR REPLACE FUNCTION caretaker.readable(tenant text, schema text, by_context boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  gate record;
BEGIN
  IF session_user = current_user OR by_context AND current_setting('app.current_tenant_id', true) IS DISTINCT FROM tenant THEN
    RETURN true;
  END IF;
  SELECT g.state, g.placement INTO gate FROM caretaker.gates g WHERE g.tenant_key = tenant AND g.schema_name = schema;
  IF gate.state IS DISTINCT FROM 'open' THEN
    RAISE EXCEPTION 'Tenant % does not live here.', tenant
      USING ERRCODE = '55P04', DETAIL = 'It was moved, or is about to come.', HINT = gate.placement::text;
  END IF;
  RETURN true;
END
$function$`,
  ),
  own(
    "caretaker.is_mover()",
    "Asked by the triggers of the log where a session says that it moves a tenant: only the log's owner does.",
    `
CREATE OR REPLACE FUNCTION caretaker.is_mover() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT session_user = pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'caretaker';
$function$`,
  ),
  own(
    "caretaker.refuse_truncate()",
    "A TRUNCATE fires no row triggers, so that a move could not follow it.",
    `
CREATE OR REPLACE FUNCTION caretaker.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RAISE EXCEPTION 'A tenant with rows in %.% is being moved, so it cannot be truncated now.', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'object_in_use', HINT = 'Delete the rows instead, or wait until the move is completed or aborted.';
END
$function$`,
  ),
];
