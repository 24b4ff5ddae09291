/** The condition that keeps a namespace `n` to what the application made. Ours, the system's and temporary ones are not its. */
export const isApplicationSchema =
  "n.nspname NOT IN ('pg_catalog', 'information_schema', 'caretaker') AND n.nspname NOT LIKE 'pg\\_%'";

/** The condition that leaves out a relation `c` which belongs to an extension. */
export const isNotExtension =
  "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')";
