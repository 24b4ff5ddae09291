import { identifier, literal, own, relation, type Statement } from "../statement.ts";
import { keysTable, lockKey, type MovingTable, moveName, owns, type Standing } from "./table.ts";

const events = ["insert", "update", "delete"] as const;

/** The table that notes which keys were written, and the function that notes them and asks the gate. Nobody's tables are touched. */
export function noteStatements(table: MovingTable, standing: Standing, mover: string): Statement[] {
  const columns = table.keys.map(({ type }, at) => `k${at + 1} ${type} NOT NULL`);
  return [
    own(
      `table ${keysTable(standing, table.ordinal)}`,
      "Notes the keys that are written while the tenant moves, so that they are read again.",
      `CREATE TABLE IF NOT EXISTS ${keysTable(standing, table.ordinal)} (${columns.join(", ")})`,
    ),
    own(
      `function ${keysTable(standing, table.ordinal)}()`,
      "Asks the gate and notes the key of each written row of the tenant.",
      noteFunction(table, standing, mover),
    ),
    own(
      `function ${keysTable(standing, table.ordinal)}()`,
      "Nobody can attach it to another table.",
      `REVOKE EXECUTE ON FUNCTION ${keysTable(standing, table.ordinal)}() FROM PUBLIC`,
    ),
  ];
}

/**
 * The triggers of one table. Run them in one transaction with a short lock_timeout: they wait for open writes of every tenant,
 * and whoever comes later waits behind them.
 */
export function triggerStatements(table: MovingTable, standing: Standing): Statement[] {
  const name = relation(standing.schema, table.name);
  const call = `${keysTable(standing, table.ordinal)}()`;
  const on = (sql: string, why: string): Statement => ({
    sql,
    object: `triggers of the move on ${name}`,
    lock: `SHARE ROW EXCLUSIVE on ${name}, milliseconds: gives up after 50 ms and tries again`,
    why,
    transactional: true,
  });
  const triggers = events.map((event) => triggerName(standing, event));
  return [
    ...events.map((event) =>
      on(
        `CREATE OR REPLACE TRIGGER ${triggerName(standing, event)} AFTER ${event.toUpperCase()} ON ${name} FOR EACH ROW ${when(table, standing, event)}EXECUTE FUNCTION ${call}`,
        `Follows every ${event} of the tenant's rows; others' rows do not fire it.`,
      ),
    ),
    on(
      `CREATE OR REPLACE TRIGGER ${triggerName(standing, "truncate")} BEFORE TRUNCATE ON ${name} FOR EACH STATEMENT EXECUTE FUNCTION caretaker.refuse_truncate()`,
      "A TRUNCATE could not be followed.",
    ),
    on(
      `ALTER TABLE ${name} ${[...triggers, triggerName(standing, "truncate")].map((trigger) => `ENABLE ALWAYS TRIGGER ${trigger}`).join(", ")}`,
      "They also fire where session_replication_role silences ordinary triggers.",
    ),
  ];
}

/** Takes the triggers of one table away, with the function and the noted keys. The table itself may be gone. */
export function dropTriggerStatements(table: MovingTable, standing: Standing): Statement[] {
  const name = relation(standing.schema, table.name);
  return [...events, "truncate" as const].map((event) => ({
    sql: `DROP TRIGGER IF EXISTS ${triggerName(standing, event)} ON ${name}`,
    object: `triggers of the move on ${name}`,
    lock: `ACCESS EXCLUSIVE on ${name}, milliseconds: gives up after 50 ms and tries again`,
    why: "The move is over.",
    transactional: true,
  }));
}

export function dropNoteStatements(table: MovingTable, standing: Standing): Statement[] {
  const name = keysTable(standing, table.ordinal);
  return [
    own(`function ${name}()`, "The move is over.", `DROP FUNCTION IF EXISTS ${name}()`),
    own(`table ${name}`, "The move is over.", `DROP TABLE IF EXISTS ${name}`),
  ];
}

function triggerName({ moveId, side }: Standing, event: (typeof events)[number] | "truncate"): string {
  return identifier(`caretaker_${moveName(moveId)}_${side}_${event}`);
}

function when(table: MovingTable, standing: Standing, event: (typeof events)[number]): string {
  if (!standing.shared || table.tenant.steps.length > 0) return "";
  const before = owns(table, standing, "OLD");
  const after = owns(table, standing, "NEW");
  const condition = { insert: after, delete: before, update: `${before} OR ${after}` }[event];
  return `WHEN (${condition}) `;
}

/** The mover's own writes pass. Its session sets caretaker.move, and nobody else signs in as its role. */
function noteFunction(table: MovingTable, standing: Standing, mover: string): string {
  const { moveId, tenantKey, schema } = standing;
  const keys = keysTable(standing, table.ordinal);
  const list = (row: string) => table.keys.map(({ name }) => `${row}.${identifier(name)}`).join(", ");
  const same = `(${list("NEW")}) IS NOT DISTINCT FROM (${list("OLD")})`;
  const pass = `PERFORM caretaker.pass_gate(${literal(tenantKey)}, ${literal(schema)}, ${lockKey(standing)});`;
  return `
CREATE OR REPLACE FUNCTION ${keys}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  before boolean;
  after boolean;
BEGIN
  IF current_setting('caretaker.move', true) = ${literal(moveId)} AND session_user = ${literal(mover)} THEN
    RETURN NULL;
  END IF;
  ${standing.shared ? sharedChecks(table, standing, pass) : pass}
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO ${keys} VALUES (${list("OLD")});
    IF TG_OP = 'DELETE' OR ${same} THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO ${keys} VALUES (${list("NEW")});
  RETURN NULL;
END
$function$`;
}

/** Whose the row was and is. A row whose parents are gone in this very transaction is noted: reading it again does no harm. */
function sharedChecks(table: MovingTable, standing: Standing, pass: string): string {
  return `IF TG_OP <> 'INSERT' THEN
    before := ${owns(table, standing, "OLD")};
  END IF;
  IF TG_OP <> 'DELETE' THEN
    after := ${owns(table, standing, "NEW")};
  END IF;
  IF before <> after THEN
    RAISE EXCEPTION 'Tenant % is being moved, so no row can change between it and another tenant now.', ${literal(standing.tenantKey)}
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Wait until the move is completed or aborted.';
  END IF;
  IF before OR after THEN
    ${pass}
  ELSIF before IS NOT NULL OR after IS NOT NULL THEN
    RETURN NULL;
  END IF;`;
}
