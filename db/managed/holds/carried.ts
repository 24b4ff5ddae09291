import { literal } from "../statement.ts";
import { type HoldableTable, tenantSql } from "./rule.ts";

/** Names the move whose transaction takes rows of a place away to put them there as they are at the other one. */
export const carriedBy = "caretaker.carries";

/**
 * PL/pgSQL that lets the row OLD go where it is a copy that a move brings up to date, at the place where its tenant does not live. The
 * hold keeps the row where the tenant lives; the gate tells, so that the setting by itself lets nobody through there. Two conditions:
 * the inner one is planned for a mover alone, since a database that was installed before there were moves has no gates.
 */
export function letCarried(table: HoldableTable): string {
  if (table.tenant === null) return "";
  return `
  IF coalesce(current_setting('${carriedBy}', true), '') <> '' THEN
    IF EXISTS (SELECT FROM caretaker.gates AS gate
                WHERE gate.move_id::text = current_setting('${carriedBy}', true) AND gate.state <> 'open'
                  AND gate.schema_name = ${literal(table.schema)} AND gate.tenant_key = ${tenantSql(table, "OLD")}) THEN
      RETURN OLD;
    END IF;
  END IF;`;
}
