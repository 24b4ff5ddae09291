import { own, type Statement } from "../statement.ts";

/** Whether a batch of a purge was removed: its receipt commits with the removal, or says that it will never happen. */
export const purges: Statement[] = [
  own(
    "caretaker.purged_batches",
    "One row for each batch of a purge, kept 30 days. A void one was given up: the batch's own transaction cannot commit beside it.",
    `
CREATE TABLE IF NOT EXISTS caretaker.purged_batches (
  id             uuid        PRIMARY KEY,
  void           boolean     NOT NULL DEFAULT false,
  removed        jsonb,
  transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
  done_at        timestamptz NOT NULL DEFAULT now()
)`,
  ),
  own(
    "caretaker.archives",
    "Which tables have the rows that the application removes kept, deleted_…_archive, and from what that was generated.",
    `
CREATE TABLE IF NOT EXISTS caretaker.archives (
  schema_name text NOT NULL,
  table_name  text NOT NULL,
  fingerprint text NOT NULL,
  PRIMARY KEY (schema_name, table_name)
)`,
  ),
];
