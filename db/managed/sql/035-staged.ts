import { own, type Statement } from "../statement.ts";

/**
 * The first stage of the log: where the entry of a single updated row is put, since keeping ten indexes costs more than all the rest
 * of it. It is as durable, as readable and as append-only as the months are.
 */
export const staged: Statement[] = [
  own(
    "caretaker.audit_logs_staged",
    "Entries that wait to be indexed, for seconds while a worker runs.",
    "CREATE TABLE IF NOT EXISTS caretaker.audit_logs_staged PARTITION OF caretaker.audit_logs FOR VALUES IN (true)",
  ),
  own(
    "caretaker.audit_logs_staged",
    "What is written to it is staged. Vacuum comes often: as many entries leave it as come.",
    `ALTER TABLE caretaker.audit_logs_staged ALTER staged SET DEFAULT true,
  SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0,
       autovacuum_analyze_threshold = 100000)`,
  ),
  own(
    "append-only trigger on caretaker.audit_logs_staged",
    "A staged entry can be changed no more than an indexed one.",
    `
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON caretaker.audit_logs_staged
  FOR EACH ROW EXECUTE FUNCTION caretaker.refuse_change()`,
  ),
  own(
    "triggers on caretaker.audit_logs_staged",
    "TRUNCATE is refused as well, and session_replication_role silences neither.",
    "SELECT caretaker.protect_partition('caretaker.audit_logs_staged')",
  ),
  own(
    "caretaker.index_staged(integer)",
    "Moves the oldest staged entries to their months. Answers how many, and none while somebody else is at it.",
    `
CREATE OR REPLACE FUNCTION caretaker.index_staged(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  moved integer;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('caretaker.index_staged')) THEN
    RETURN 0;
  END IF;
  PERFORM set_config('caretaker.indexing', 'on', true);
  UPDATE caretaker.audit_logs SET staged = false
   WHERE staged AND ctid = ANY (ARRAY(SELECT ctid FROM caretaker.audit_logs_staged LIMIT most));
  GET DIAGNOSTICS moved = ROW_COUNT;
  PERFORM set_config('caretaker.indexing', '', true);
  RETURN moved;
END
$function$`,
  ),
  own(
    "caretaker.index_staged(integer)",
    "It is for the console.",
    "REVOKE EXECUTE ON FUNCTION caretaker.index_staged(integer) FROM PUBLIC",
  ),
];
