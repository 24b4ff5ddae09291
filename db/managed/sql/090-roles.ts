import { own, type Statement } from "../statement.ts";

function createRole(name: string, why: string): Statement {
  return own(
    `role ${name}`,
    why,
    `
DO $do$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${name}') THEN
    CREATE ROLE ${name} NOLOGIN;
  END IF;
END
$do$`,
  );
}

/** Who may read and who may act, as roles without a login of their own. They belong to the server, not to this database. */
export const roles: Statement[] = [
  createRole("caretaker_reader", "Reads the audit log."),
  createRole("caretaker_operator", "Also suspends tenants and asks for the hash of a masked value."),
  own(
    "access to the audit log",
    "Readers and operators may read it; nobody may change it.",
    "GRANT SELECT ON caretaker.audit_logs, caretaker.audit_logs_indexed, caretaker.audit_logs_staged, caretaker.installed, caretaker.captures TO caretaker_reader, caretaker_operator",
  ),
  own(
    "access to staged entries",
    "Operators move them to their months, and can change nothing of them.",
    "GRANT EXECUTE ON FUNCTION caretaker.index_staged(integer) TO caretaker_operator",
  ),
  own(
    "access to suspensions",
    "Operators suspend and reopen tenants.",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON caretaker.suspended_tenants TO caretaker_operator",
  ),
  own(
    "access to operations",
    "Operators note their own transactions and forget those of the day before.",
    "GRANT SELECT, INSERT, DELETE ON caretaker.operations TO caretaker_operator",
  ),
  own(
    "access to masking",
    "Operators may hash a value to search for it.",
    "GRANT EXECUTE ON FUNCTION caretaker.mask(text) TO caretaker_operator",
  ),
  own(
    "access to the receipts of restores",
    "Operators restore.",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON caretaker.restored_rows TO caretaker_operator",
  ),
  own(
    "access to the receipts of restores",
    "Whoever may read the log may read what was restored.",
    "GRANT SELECT ON caretaker.restored_rows TO caretaker_reader",
  ),
  own(
    "access to the receipts of purges",
    "Operators purge.",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON caretaker.purged_batches TO caretaker_operator",
  ),
  own(
    "access to the holds",
    "Whoever may read the log may read what is held. Only the owner places and releases.",
    "GRANT SELECT ON caretaker.holds, caretaker.hold_guards TO caretaker_reader, caretaker_operator",
  ),
];
