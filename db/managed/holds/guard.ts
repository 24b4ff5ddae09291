import { createHash } from "node:crypto";
import { dollarQuoted } from "../capture/dollar-quote.ts";
import { literal, own, relation, type Statement } from "../statement.ts";
import {
  changesSql,
  deleteFunction,
  events,
  type Guard,
  guardFunction,
  type Hanging,
  type Kept,
  keptIn,
  names,
  truncateFunction,
  updateFunction,
} from "./refuse.ts";
import type { Hold, HoldableTable } from "./rule.ts";

/** Which tables must carry triggers for these holds. */
export function guardsOf(holds: readonly Hold[], tables: readonly HoldableTable[]): Guard[] {
  const kept = new Map(tables.map((table) => [table, keptIn(holds, table)]));
  return tables.flatMap((table) => {
    const own = kept.get(table) ?? [];
    const hanging = tables.flatMap((child) => hangingFrom(table, own, child, kept.get(child) ?? []));
    return own.length + hanging.length === 0 ? [] : [{ table, kept: own, hanging }];
  });
}

/** A hold that covers this table in the same words keeps its rows anyway. */
function hangingFrom(
  table: HoldableTable,
  own: readonly Kept[],
  child: HoldableTable,
  kept: readonly Kept[],
): Hanging[] {
  const source = child.tenant;
  if (source?.kind !== "path") return [];
  const at = source.steps.findIndex((step) => step.schema === table.schema && step.table === table.name);
  if (at === -1) return [];
  return kept
    .filter(({ rule }) => rule.tenant !== null && !own.some((mine) => mine.rule === rule))
    .map((one) => ({ ...one, table: child, source, at }));
}

/**
 * Generated, because what a function's text says holds for every transaction that deletes from now on, at whatever isolation:
 * rows of a table of holds would not be seen by a transaction that took its snapshot before. The lock is taken first, so that
 * deletions under way end before the hold stands.
 */
export function guardStatements(guard: Guard): Statement[] {
  const { table } = guard;
  const name = relation(table.schema, table.name);
  const lock = `SHARE ROW EXCLUSIVE on ${name}, milliseconds: waits for open writes, readers go on`;
  const on = (sql: string, why: string): Statement => ({
    sql,
    object: `hold on ${name}`,
    lock,
    why,
    transactional: true,
  });
  const functions = events.map((event) => `${guardFunction(table, event)}()`).join(", ");
  return [
    on(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`, "Deletions under way end before the hold stands."),
    on(deleteFunction(guard), "Refuses to remove what is held."),
    on(updateFunction(guard), "Refuses changes after which a hold would not know its rows any more."),
    on(truncateFunction(guard), "Refuses to empty a table that has held rows."),
    on(`REVOKE EXECUTE ON FUNCTION ${functions} FROM PUBLIC`, "Nobody can attach them to another table."),
    on(
      `CREATE OR REPLACE TRIGGER ${names.delete} BEFORE DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${guardFunction(table, "delete")}()`,
      "Fires for every row that goes, also by a cascade.",
    ),
    on(
      `CREATE OR REPLACE TRIGGER ${names.update} AFTER UPDATE ON ${name} FOR EACH ROW WHEN (${changesSql(guard)}) EXECUTE FUNCTION ${guardFunction(table, "update")}()`,
      "Fires where a column changes by which a hold knows its rows.",
    ),
    on(
      `CREATE OR REPLACE TRIGGER ${names.truncate} BEFORE TRUNCATE ON ${name} FOR EACH STATEMENT EXECUTE FUNCTION ${guardFunction(table, "truncate")}()`,
      "TRUNCATE fires no trigger for its rows.",
    ),
    on(
      `ALTER TABLE ${name} ${events.map((event) => `ENABLE ALWAYS TRIGGER ${names[event]}`).join(", ")}`,
      "They also fire where session_replication_role silences ordinary triggers.",
    ),
    ...(table.partitioned ? [on(guardPartitions(table), "A statement may name a partition.")] : []),
    own(
      "caretaker.hold_guards",
      "Records what was generated.",
      `INSERT INTO caretaker.hold_guards (schema_name, table_name, fingerprint)
VALUES (${literal(table.schema)}, ${literal(table.name)}, ${literal(guardFingerprint(guard))})
    ON CONFLICT (schema_name, table_name) DO UPDATE SET fingerprint = excluded.fingerprint, installed_at = now()`,
    ),
  ];
}

/** Takes the triggers off a table that no hold covers any more. */
export function unguardStatements(table: { schema: string; name: string }): Statement[] {
  const functions = events.map((event) => `${guardFunction(table, event)}()`).join(", ");
  return [
    {
      sql: `DROP FUNCTION IF EXISTS ${functions} CASCADE`,
      object: `hold on ${relation(table.schema, table.name)}`,
      lock: `ACCESS EXCLUSIVE on ${relation(table.schema, table.name)} and its partitions, milliseconds`,
      why: "No hold covers the table any more; the triggers go with the functions that they call.",
      transactional: true,
    },
    own(
      "caretaker.hold_guards",
      "The table is no longer guarded.",
      `DELETE FROM caretaker.hold_guards WHERE schema_name = ${literal(table.schema)} AND table_name = ${literal(table.name)}`,
    ),
  ];
}

/** Of everything that the generated code depends on. */
export function guardFingerprint(guard: Guard): string {
  const parts = [deleteFunction(guard), updateFunction(guard), truncateFunction(guard), changesSql(guard)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** Partitions get the row triggers from their table; that they fire always, and TRUNCATE's, they need themselves. */
function guardPartitions(table: HoldableTable): string {
  const text = `DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT tree.relid FROM pg_partition_tree(${literal(relation(table.schema, table.name))}::regclass) AS tree
                JOIN pg_class AS c ON c.oid = tree.relid AND c.relkind IN ('r', 'p') WHERE tree.level > 0
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER ${names.truncate} BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION ${guardFunction(table, "truncate").replaceAll("'", "''")}()', part);
    EXECUTE format('ALTER TABLE %s ${events.map((event) => `ENABLE ALWAYS TRIGGER ${names[event]}`).join(", ")}', part);
  END LOOP;
END`;
  return `DO ${dollarQuoted(text)}`;
}
