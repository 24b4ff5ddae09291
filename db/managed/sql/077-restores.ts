import { own, type Statement } from "../statement.ts";

/**
 * What restores wrote, row by row: each row's receipt commits with the row, so that a restore that is cut off anywhere is known
 * to have written it or not. Hashes are SHA-256 of JSON as PostgreSQL prints it, of the columns that no choice changed.
 */
export const restores: Statement[] = [
  own(
    "caretaker.restored_rows",
    "The receipts of restores. A row without done_at is still to be written.",
    `
CREATE TABLE IF NOT EXISTS caretaker.restored_rows (
  restore_id    uuid     NOT NULL,
  n             bigint   NOT NULL,
  chunk         integer  NOT NULL,
  act           text     NOT NULL CHECK (act IN ('insert', 'update', 'delete')),
  origin        text     NOT NULL,
  schema_name   text     NOT NULL,
  table_name    text     NOT NULL,
  record        text,
  entry_id      bigint,
  entry_at      timestamptz,
  given         jsonb,
  omitted       text[],
  changed       text[],
  differing     text[],
  earlier       jsonb,
  before_hash   bytea,
  row_hash      bytea,
  standing_hash bytea,
  transaction_id xid8,
  done_at       timestamptz,
  undone_at     timestamptz,
  PRIMARY KEY (restore_id, n)
)`,
  ),
  own(
    "caretaker.restored_rows_chunk_idx",
    "Finds what of a restore is still to be written.",
    "CREATE INDEX IF NOT EXISTS restored_rows_chunk_idx ON caretaker.restored_rows (restore_id, chunk)",
  ),
  own(
    "caretaker.restored_rows_entry_idx",
    "Finds whether a removal was restored, where a table has no key by which its rows could be found.",
    "CREATE INDEX IF NOT EXISTS restored_rows_entry_idx ON caretaker.restored_rows (entry_id) WHERE entry_id IS NOT NULL",
  ),
];
