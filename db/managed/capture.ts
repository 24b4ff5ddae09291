import { createHash } from "node:crypto";
import { type CapturedTable, type CaptureOptions, captureFunction, captureName } from "./capture/entry.ts";
import { deleteFunction, insertFunction, updateFunction } from "./capture/functions.ts";
import { lateFunction } from "./capture/late-columns.ts";
import { slotsOf } from "./capture/rows.ts";
import { walkerFunction } from "./capture/tenant.ts";
import { truncateFunction } from "./capture/truncate.ts";
import { literal, own, relation, type Statement } from "./statement.ts";

export type { Column } from "./capture/columns.ts";
export type { CapturedTable, CaptureOptions } from "./capture/entry.ts";
export type { TenantSource } from "./capture/tenant.ts";

/** Grows when the generated code changes, so that captures made by an older version show as drift. */
const generatorVersion = 9;

const triggers = {
  insert: "AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows",
  update: "AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
  delete: "AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows",
  truncate: "BEFORE TRUNCATE ON %s",
} as const;

type Event = keyof typeof triggers;

const allEvents: readonly Event[] = ["insert", "update", "delete", "truncate"];

/** What makes a table captured: its functions, its triggers, and the record of both. Running it again changes nothing. */
export function captureStatements(table: CapturedTable, options: CaptureOptions = {}): Statement[] {
  const name = relation(table.schema, table.name);
  const capture = captureName(table);
  const why = "Generated for this table's columns and key: one set-based insert a statement.";
  const walker = table.tenant && walkerFunction(slotsOf(table), table.tenant, captureFunction(table, "tenant"));
  const functions = [
    ...(walker ? [own(`function caretaker.${capture}_tenant(text[])`, "Walks from a row to its tenant.", walker)] : []),
    own(
      `function caretaker.${capture}_late(jsonb)`,
      "Hides what is named like a secret in columns that come later.",
      lateFunction(table, captureFunction(table, "late")),
    ),
    own(`function caretaker.${capture}_insert()`, why, insertFunction(table, options)),
    own(`function caretaker.${capture}_update()`, why, updateFunction(table, options)),
    own(`function caretaker.${capture}_delete()`, why, deleteFunction(table, options)),
    own(`function caretaker.${capture}_truncate()`, why, truncateFunction(table, options)),
    own(
      `functions caretaker.${capture}_*()`,
      "Nobody can attach them to another table.",
      revocation(table, walker !== null),
    ),
  ];
  const events = eventsOf(table);
  const made = events.map((event) => createTrigger(table, event));
  const always = events.map((event) => `ENABLE ALWAYS TRIGGER caretaker_${event}`).join(", ");
  const lock = `SHARE ROW EXCLUSIVE on ${name}, milliseconds: waits for open writes, readers go on`;
  return [
    ...functions,
    ...made,
    {
      sql: `ALTER TABLE ${name} ${always}`,
      object: `triggers on ${name}`,
      lock,
      why: "They also fire where session_replication_role silences ordinary triggers.",
      transactional: true,
    },
    ...(table.partitioned ? [guardPartitions(table)] : []),
    recordCapture(table),
  ];
}

/** Takes capture off one table. Its entries stay. */
export function releaseStatements(table: { schema: string; name: string }): Statement[] {
  const functions = [...allEvents, "tenant", "late"].map((part) => captureFunction(table, part));
  return [
    {
      sql: `DROP FUNCTION IF EXISTS ${functions.join(", ")} CASCADE`,
      object: `capture of ${relation(table.schema, table.name)}`,
      lock: `ACCESS EXCLUSIVE on ${relation(table.schema, table.name)} and its partitions, milliseconds`,
      why: "The triggers go with the functions that they call.",
      transactional: true,
    },
    own(
      "caretaker.captures",
      "The table is no longer captured.",
      `DELETE FROM caretaker.captures WHERE schema_name = ${literal(table.schema)} AND table_name = ${literal(table.name)}`,
    ),
  ];
}

/** A hash of everything that the generated code depends on, kept in caretaker.captures to find drift. */
export function captureFingerprint(table: CapturedTable): string {
  return createHash("sha256")
    .update(JSON.stringify([generatorVersion, canonical(table)]))
    .digest("hex");
}

function canonical(table: CapturedTable): unknown {
  const { schema, name, columns, primaryKey, partitioned, tenant, masked, ignored } = table;
  const named = columns.map((column) => [column.name, column.type, column.generated]);
  return [schema, name, named, primaryKey, partitioned, tenant, masked.toSorted(), ignored.toSorted()];
}

/** TRUNCATE fires on every partition it reaches, so a partitioned table, which holds no row itself, needs no trigger for it. */
function eventsOf(table: CapturedTable): Event[] {
  return table.partitioned ? ["insert", "update", "delete"] : ["insert", "update", "delete", "truncate"];
}

function createTrigger(table: CapturedTable, event: Event): Statement {
  const name = relation(table.schema, table.name);
  const call = `${captureFunction(table, event)}()`;
  return {
    sql: `CREATE OR REPLACE TRIGGER caretaker_${event} ${triggers[event].replace("%s", () => name)} FOR EACH STATEMENT EXECUTE FUNCTION ${call}`,
    object: `trigger caretaker_${event} on ${name}`,
    lock: `SHARE ROW EXCLUSIVE on ${name}, milliseconds: waits for open writes, readers go on`,
    why: `Records every ${event} of this table, in the transaction that makes it.`,
    transactional: true,
  };
}

function guardPartitions(table: CapturedTable): Statement {
  const name = relation(table.schema, table.name);
  return {
    sql: `SELECT caretaker.guard_partitions(${literal(name)}::regclass, ${literal(captureName(table))})`,
    object: `triggers on the partitions of ${name}`,
    lock: `SHARE ROW EXCLUSIVE on each partition of ${name}, milliseconds`,
    why: "A write that names a partition does not fire the triggers of the partitioned table.",
    transactional: true,
  };
}

function recordCapture(table: CapturedTable): Statement {
  return own(
    "caretaker.captures",
    "Records what was generated, so that drift shows.",
    `
INSERT INTO caretaker.captures (schema_name, table_name, fingerprint, definition)
VALUES (${literal(table.schema)}, ${literal(table.name)}, ${literal(captureFingerprint(table))}, ${literal(JSON.stringify(table))})
    ON CONFLICT (schema_name, table_name) DO UPDATE
   SET fingerprint = excluded.fingerprint, definition = excluded.definition, installed_at = now()`,
  );
}

function revocation(table: CapturedTable, walks: boolean): string {
  const functions = allEvents.map((event) => `${captureFunction(table, event)}()`);
  functions.push(`${captureFunction(table, "late")}(jsonb)`);
  if (walks) functions.push(`${captureFunction(table, "tenant")}(text[])`);
  return `REVOKE EXECUTE ON FUNCTION ${functions.join(", ")} FROM PUBLIC`;
}
