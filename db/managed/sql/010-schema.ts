import { identifier, own, type Statement } from "../statement.ts";

/** The schema, and what is known about the installation itself. */
export function schemaStatements(owner: string): Statement[] {
  return [
    own(
      "schema caretaker",
      "Everything that Caretaker installs lives here, so that one statement removes it.",
      `CREATE SCHEMA IF NOT EXISTS caretaker AUTHORIZATION ${identifier(owner)}`,
    ),
    own(
      "access to caretaker",
      "The application may call caretaker.set_context and caretaker.log_event; it can read no table in here.",
      "GRANT USAGE ON SCHEMA caretaker TO PUBLIC",
    ),
    own(
      "caretaker.installed",
      "Which version is installed, since when, by whom and from which plan.",
      `
CREATE TABLE IF NOT EXISTS caretaker.installed (
  version      integer     PRIMARY KEY,
  installed_at timestamptz NOT NULL DEFAULT now(),
  installed_by text        NOT NULL DEFAULT session_user,
  plan_hash    text
)`,
    ),
    own(
      "caretaker.captures",
      "Which tables are captured and with which generated code, so that drift shows.",
      `
CREATE TABLE IF NOT EXISTS caretaker.captures (
  schema_name  text        NOT NULL,
  table_name   text        NOT NULL,
  fingerprint  text        NOT NULL,
  definition   jsonb       NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schema_name, table_name)
)`,
    ),
    own(
      "caretaker.row_security",
      "How row security stood on a table before Caretaker changed it, so that it can be put back.",
      `
CREATE TABLE IF NOT EXISTS caretaker.row_security (
  schema_name text        NOT NULL,
  table_name  text        NOT NULL,
  was_enabled boolean     NOT NULL,
  was_forced  boolean     NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now(),
  fingerprint text,
  PRIMARY KEY (schema_name, table_name)
)`,
    ),
  ];
}
