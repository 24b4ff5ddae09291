import { own, type Statement } from "../statement.ts";

/** Partitions are made standing alone and attached: that takes no lock on the log that a writer would wait for. */
export const partitions: Statement[] = [
  own(
    "caretaker.refuse_change()",
    "The log is append-only: whoever tries to change it is told so. The owner's erasure may take values away, and no entry; staged entries may go to their month, and change nowhere.",
    `
CREATE OR REPLACE FUNCTION caretaker.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF TG_TABLE_NAME = 'audit_logs_staged' AND TG_OP <> 'TRUNCATE' AND current_setting('caretaker.indexing', true) = 'on' THEN
    OLD.staged := false;
    IF TG_OP = 'DELETE' THEN
      RETURN OLD;
    ELSIF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND current_setting('caretaker.erasing', true) = 'on' THEN
    IF (NEW.created_at, NEW.id, NEW.transaction_id, NEW.action, NEW.resource_schema, NEW.resource_type, NEW.resource_id,
        NEW.tenant_id, NEW.user_id, NEW.request_id)
       IS NOT DISTINCT FROM
       (OLD.created_at, OLD.id, OLD.transaction_id, OLD.action, OLD.resource_schema, OLD.resource_type, OLD.resource_id,
        OLD.tenant_id, OLD.user_id, OLD.request_id) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'The audit log is append-only: % on %.% is refused.', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$function$`,
  ),
  own(
    "append-only trigger on caretaker.audit_logs_indexed",
    "Partitions inherit it, so that a partition cannot be changed directly either.",
    `
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON caretaker.audit_logs_indexed
  FOR EACH ROW EXECUTE FUNCTION caretaker.refuse_change()`,
  ),
  own(
    "append-only trigger on caretaker.audit_logs_indexed",
    "It also holds where session_replication_role silences ordinary triggers.",
    "ALTER TABLE caretaker.audit_logs_indexed ENABLE ALWAYS TRIGGER append_only",
  ),
  own(
    "truncate trigger on caretaker.audit_logs_indexed",
    "TRUNCATE is refused as well.",
    `
CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON caretaker.audit_logs_indexed
  FOR EACH STATEMENT EXECUTE FUNCTION caretaker.refuse_change()`,
  ),
  own(
    "truncate trigger on caretaker.audit_logs_indexed",
    "It also holds where session_replication_role silences ordinary triggers.",
    "ALTER TABLE caretaker.audit_logs_indexed ENABLE ALWAYS TRIGGER append_only_truncate",
  ),
  own(
    "caretaker.protect_partition(regclass)",
    "Gives one partition the triggers that it does not inherit.",
    `
CREATE OR REPLACE FUNCTION caretaker.protect_partition(part regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s
                    FOR EACH STATEMENT EXECUTE FUNCTION caretaker.refuse_change()', part);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_truncate, ENABLE ALWAYS TRIGGER append_only', part);
END
$function$`,
  ),
  own(
    "caretaker.audit_logs_default",
    "Catches entries of a month that has no partition: a missing partition must never stop the application.",
    "CREATE TABLE IF NOT EXISTS caretaker.audit_logs_default PARTITION OF caretaker.audit_logs_indexed DEFAULT",
  ),
  own(
    "triggers on caretaker.audit_logs_default",
    "The partition for stray months is append-only too.",
    "SELECT caretaker.protect_partition('caretaker.audit_logs_default')",
  ),
  own(
    "caretaker.add_partition(date)",
    "Makes one month's partition and moves in what the default partition caught of that month.",
    `
CREATE OR REPLACE FUNCTION caretaker.add_partition(month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  part text := format('audit_logs_%s', to_char(month, 'YYYY_MM'));
  opens timestamptz := month::timestamp AT TIME ZONE 'UTC';
  closes timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass(format('caretaker.%I', part)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE caretaker.%I (LIKE caretaker.audit_logs_indexed INCLUDING ALL,
                    CONSTRAINT month CHECK (created_at >= %L AND created_at < %L))', part, opens, closes);
  IF EXISTS (SELECT FROM caretaker.audit_logs_default WHERE created_at >= opens AND created_at < closes) THEN
    LOCK TABLE caretaker.audit_logs_default IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE caretaker.audit_logs_default DISABLE TRIGGER append_only;
    EXECUTE format('INSERT INTO caretaker.%I SELECT * FROM caretaker.audit_logs_default
                      WHERE created_at >= $1 AND created_at < $2', part) USING opens, closes;
    DELETE FROM caretaker.audit_logs_default WHERE created_at >= opens AND created_at < closes;
    ALTER TABLE caretaker.audit_logs_default ENABLE ALWAYS TRIGGER append_only;
  END IF;
  EXECUTE format('ALTER TABLE caretaker.audit_logs_indexed ATTACH PARTITION caretaker.%I FOR VALUES FROM (%L) TO (%L)', part, opens, closes);
  EXECUTE format('ALTER TABLE caretaker.%I DROP CONSTRAINT month', part);
  PERFORM caretaker.protect_partition(format('caretaker.%I', part)::regclass);
  RETURN true;
END
$function$`,
  ),
  own(
    "caretaker.ensure_partitions(integer, integer)",
    "Makes this month's partition and those around it. Returns how many were missing.",
    `
CREATE OR REPLACE FUNCTION caretaker.ensure_partitions(months_ahead integer DEFAULT 3, months_back integer DEFAULT 0) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  this_month date := date_trunc('month', now() AT TIME ZONE 'UTC');
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('caretaker.ensure_partitions'));
  FOR distance IN -months_back .. months_ahead LOOP
    IF caretaker.add_partition((this_month + make_interval(months => distance))::date) THEN
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END
$function$`,
  ),
  own(
    "partitions of caretaker.audit_logs_indexed",
    "This month and the next three.",
    "SELECT caretaker.ensure_partitions(3)",
  ),
];
