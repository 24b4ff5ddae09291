import { own, type Statement } from "../statement.ts";

/** Which of the console's own transactions committed here, so that one whose answer a crash swallowed can be looked up. */
export const operations: Statement[] = [
  own(
    "caretaker.operations",
    "One row for each transaction of the console, kept a day: after a crash of the server it says whether that transaction committed.",
    `
CREATE TABLE IF NOT EXISTS caretaker.operations (
  id       uuid        PRIMARY KEY,
  begun_at timestamptz NOT NULL DEFAULT now()
)`,
  ),
  own(
    "caretaker.operations_begun_at_idx",
    "Finds the rows that are older than a day.",
    "CREATE INDEX IF NOT EXISTS operations_begun_at_idx ON caretaker.operations (begun_at)",
  ),
];
