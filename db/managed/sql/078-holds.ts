import { own, type Statement } from "../statement.ts";

/**
 * What nothing may remove, and which tables carry the triggers that see to it. The triggers are generated for the tables that a
 * hold covers, while it covers them; see ../holds.
 */
export const holds: Statement[] = [
  own(
    "caretaker.holds",
    "The legal holds that stand here. A row without in_force_at is not on every table that it covers yet.",
    `
CREATE TABLE IF NOT EXISTS caretaker.holds (
  id          uuid        PRIMARY KEY,
  name        text        NOT NULL,
  rules       jsonb       NOT NULL,
  placed_by   text        NOT NULL,
  placed_at   timestamptz NOT NULL,
  in_force_at timestamptz
)`,
  ),
  own(
    "caretaker.hold_guards",
    "Which tables are guarded by generated triggers, and from which holds they were generated.",
    `
CREATE TABLE IF NOT EXISTS caretaker.hold_guards (
  schema_name  text        NOT NULL,
  table_name   text        NOT NULL,
  fingerprint  text        NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schema_name, table_name)
)`,
  ),
];
