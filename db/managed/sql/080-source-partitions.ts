import { own, type Statement } from "../statement.ts";

/**
 * A statement on a partitioned table fires that table's statement triggers only; a statement that names a partition fires the
 * partition's only. So both carry them, and no write is seen twice. TRUNCATE fires the triggers of every partition it reaches.
 */
export const sourcePartitions: Statement[] = [
  own(
    "caretaker.guard_partitions(regclass, text)",
    "Gives the partitions of a captured table the same triggers. Run again after partitions were added.",
    `
CREATE OR REPLACE FUNCTION caretaker.guard_partitions(parent regclass, capture text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  part record;
  guarded integer := 0;
BEGIN
  FOR part IN SELECT tree.relid, tree.isleaf FROM pg_partition_tree(parent) AS tree
                JOIN pg_class c ON c.oid = tree.relid
               WHERE tree.level > 0 AND c.relkind IN ('r', 'p')
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER caretaker_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
                      FOR EACH STATEMENT EXECUTE FUNCTION caretaker.%I()', part.relid::regclass, capture || '_insert');
    EXECUTE format('CREATE OR REPLACE TRIGGER caretaker_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                      FOR EACH STATEMENT EXECUTE FUNCTION caretaker.%I()', part.relid::regclass, capture || '_update');
    EXECUTE format('CREATE OR REPLACE TRIGGER caretaker_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
                      FOR EACH STATEMENT EXECUTE FUNCTION caretaker.%I()', part.relid::regclass, capture || '_delete');
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER caretaker_insert, ENABLE ALWAYS TRIGGER caretaker_update,
                      ENABLE ALWAYS TRIGGER caretaker_delete', part.relid::regclass);
    IF part.isleaf THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER caretaker_truncate BEFORE TRUNCATE ON %s
                        FOR EACH STATEMENT EXECUTE FUNCTION caretaker.%I()', part.relid::regclass, capture || '_truncate');
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER caretaker_truncate', part.relid::regclass);
    END IF;
    guarded := guarded + 1;
  END LOOP;
  RETURN guarded;
END
$function$`,
  ),
];
