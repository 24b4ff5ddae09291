import { createHash } from "node:crypto";
import { dollarQuoted } from "./capture/dollar-quote.ts";
import { type CapturedTable, captureFunction, captureName } from "./capture/entry.ts";
import { identifier, literal, own, relation, type Statement } from "./statement.ts";

interface Table {
  schema: string;
  name: string;
}

/** The table in the schema caretaker that keeps the rows which the application removes from a table. */
export function archiveName({ schema, name }: Table): string {
  const whole = `deleted_${schema === "public" ? "" : `${schema}_`}${name}_archive`;
  if (Buffer.byteLength(whole) <= 63) return whole;
  const digest = createHash("sha256")
    .update(JSON.stringify([schema, name]))
    .digest("hex");
  return `deleted_${name.replaceAll(/[^A-Za-z0-9_]/g, "_").slice(0, 32)}_${digest.slice(0, 8)}_archive`;
}

/**
 * Keeps a copy of each row that goes, in the transaction that removes it, without what is masked. The copy is JSON and its key is
 * read from that, so that a changed table never makes the application's DELETE fail. What the console itself removes is not kept:
 * a purge, an erasure or a move would otherwise leave behind what it takes away.
 */
export function archiveStatements(table: CapturedTable): Statement[] {
  const source = relation(table.schema, table.name);
  const archive = relation("caretaker", archiveName(table));
  const lock = `SHARE ROW EXCLUSIVE on ${source}, milliseconds: waits for open writes, readers go on`;
  const on = (sql: string, why: string): Statement => ({
    ...{ sql, object: `trigger caretaker_archive on ${source}`, lock, why },
    transactional: true,
  });
  return [
    own(
      archive,
      "Rows that the application removed, for as long as the table's model says.",
      `CREATE TABLE IF NOT EXISTS ${archive} (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id      text,
  record         text,
  "row"          jsonb       NOT NULL,
  deleted_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  deleted_by     text,
  transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id()
)`,
    ),
    own(
      archive,
      "Finds a record's copies.",
      `CREATE INDEX IF NOT EXISTS ${identifier(`${captureName(table).replace(/^capture_/, "archive_")}_record_idx`)} ON ${archive} (record)`,
    ),
    own(`function ${archiveFunction(table)}()`, "Writes the copy.", archiveFunctionSql(table)),
    own(
      `function ${archiveFunction(table)}()`,
      "Nobody can attach it to another table.",
      `REVOKE EXECUTE ON FUNCTION ${archiveFunction(table)}() FROM PUBLIC`,
    ),
    on(
      `CREATE OR REPLACE TRIGGER caretaker_archive AFTER DELETE ON ${source} FOR EACH ROW EXECUTE FUNCTION ${archiveFunction(table)}()`,
      "Fires for every row that goes.",
    ),
    on(`ALTER TABLE ${source} ENABLE ALWAYS TRIGGER caretaker_archive`, "It also fires on a replica."),
    own(
      "caretaker.archives",
      "Records what was generated, so that drift shows.",
      `INSERT INTO caretaker.archives (schema_name, table_name, fingerprint)
VALUES (${literal(table.schema)}, ${literal(table.name)}, ${literal(archiveFingerprint(table))})
    ON CONFLICT (schema_name, table_name) DO UPDATE SET fingerprint = excluded.fingerprint`,
    ),
  ];
}

/** Takes the archive of a table away, with the rows in it. The audit log keeps their values still. */
export function dropArchiveStatements(table: Table): Statement[] {
  const source = relation(table.schema, table.name);
  return [
    {
      sql: `DROP FUNCTION IF EXISTS ${archiveFunction(table)}() CASCADE`,
      object: `trigger caretaker_archive on ${source}`,
      lock: `ACCESS EXCLUSIVE on ${source}, milliseconds`,
      why: "Nobody asks for the archive any more.",
      transactional: true,
    },
    own(
      relation("caretaker", archiveName(table)),
      "The archived rows go with it; the audit log keeps their values.",
      `DROP TABLE IF EXISTS ${relation("caretaker", archiveName(table))}`,
    ),
    own(
      "caretaker.archives",
      "The table has no archive any more.",
      `DELETE FROM caretaker.archives WHERE schema_name = ${literal(table.schema)} AND table_name = ${literal(table.name)}`,
    ),
  ];
}

/** Of everything that the generated code depends on. */
export function archiveFingerprint(table: CapturedTable): string {
  return createHash("sha256").update(archiveFunctionSql(table)).digest("hex");
}

function archiveFunctionSql(table: CapturedTable): string {
  const text = `DECLARE
  gone jsonb := to_jsonb(OLD);
BEGIN
  IF current_setting('application_name') LIKE 'caretaker%' THEN
    RETURN NULL;
  END IF;
  INSERT INTO ${relation("caretaker", archiveName(table))} (tenant_id, record, "row", deleted_by)
  VALUES (coalesce(${tenantOf(table)}, nullif(current_setting('app.current_tenant_id', true), '')), ${recordOf(table)},
          gone - ${literal(`{${table.masked.map((name) => JSON.stringify(name)).join(",")}}`)}::text[],
          nullif(current_setting('app.current_user_id', true), ''));
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${archiveFunction(table)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS ${dollarQuoted(text)}`;
}

function recordOf({ primaryKey }: CapturedTable): string {
  const parts = primaryKey.map((name) => `(gone ->> ${literal(name)})`);
  if (parts.length < 2) return parts[0] ?? "NULL";
  return `'[' || ${parts.map((part) => `to_json(${part})`).join(" || ',' || ")} || ']'`;
}

function tenantOf({ tenant, ...table }: CapturedTable): string {
  if (tenant === null) return "NULL";
  if (tenant.kind === "constant") return literal(tenant.key);
  if (tenant.kind !== "path") return `gone ->> ${literal(tenant.column)}`;
  const keys = (tenant.steps[0]?.columns ?? []).map((name) => `gone ->> ${literal(name)}`);
  return `${captureFunction(table, "tenant")}(ARRAY[${keys.join(", ")}])`;
}

function archiveFunction(table: Table): string {
  return relation("caretaker", captureName(table).replace(/^capture_/, "archive_"));
}
