import { literal } from "../statement.ts";
import { holdsLarge } from "./capped.ts";
import { differs, recordable } from "./columns.ts";
import { type CapturedTable, insertEntry, readCircumstances } from "./entry.ts";
import { resourceId } from "./key.ts";
import { sameShape } from "./late-columns.ts";
import { isBuilt, rowAlias, rowState, type Slot, slotNamed } from "./rows.ts";
import { tenantOf } from "./tenant.ts";

// The row before and after, as records of PL/pgSQL.
const before = "context.o";
const after = "context.n";

// Unchanged columns are passed over this many at a time.
const groupSize = 5;

export const singleVariables = (clock: string) => `
  at timestamptz := ${clock};
  pair record;
  o record;
  n record;
  differences text;
  entry_key text;
  new_key text;
  owner text;
  state jsonb;`;

/**
 * The entry of a statement that updated one row, which is what applications do most. Setting an executor up for twenty comparisons
 * costs more than making them, so they are PL/pgSQL's simple expressions here, kept ready for the transaction, and what only a
 * changed column needs is set up for that column alone.
 *
 * The block fails, and leaves everything to the set-based way, when there is more than one row, when an address is no address, when
 * a value is large, and when the table no longer has the shape that the code was generated for. It writes nothing, so it never costs
 * a transaction id.
 */
export function singleRow(table: CapturedTable, slots: readonly Slot[], walker: string): string {
  const columns = slots.map((slot) => ({ ...slot, name: slot.label }));
  const key = table.primaryKey.map((name) => slotNamed(columns, name));
  const masked = columns.filter((column) => column.masked).map(({ name }) => name);
  const groups = inGroups(columns.filter(({ ignored }) => !ignored));
  const was = rowAlias(slots, "row_before");
  const is = rowAlias(slots, "row_after");
  const checked = isBuilt(slots) ? "" : ` WHERE ${sameShape(table, was)}`;
  // Without the limit a plan that was made for a bulk update would look expensive, and be compiled for every single row from then on.
  return `
  BEGIN
    SELECT ${was}, ${is} INTO STRICT pair FROM old_rows AS ${was}, new_rows AS ${is}${checked} LIMIT 2;
    o := pair.${was};
    n := pair.${is};${groups.map(compare).join("")}
    IF differences IS NULL THEN
      RETURN NULL;
    END IF;
    entry_key := ${resourceId(key, before, masked)};
    new_key := ${resourceId(key, after, masked)};
    owner := ${tenantOf(columns, table.tenant, before, walker)};
    address := nullif(setting[3], '')::inet;${readCircumstances}
    state := ${rowState(table, columns, before, before)};
    IF ${holdsLarge("state", "differences")} THEN
      state := NULL;
    END IF;
  EXCEPTION
    WHEN no_data_found THEN
      RETURN NULL;
    WHEN OTHERS THEN
      state := NULL;
  END;
  IF state IS NOT NULL THEN
  ${insertEntry(table)}
    RETURN NULL;
  END IF;`;
}

function compare(group: readonly Slot[]): string {
  const each = group.map((column) => {
    const value = `coalesce(to_json(${recordable(column, after, column.masked)})::text, 'null')`;
    return `
      IF ${differs(column, before, after)} THEN
        differences := concat_ws(',', differences, ${literal(`${JSON.stringify(column.label)}:`)} || ${value});
      END IF;`;
  });
  return `
    IF ${group.map((column) => differs(column, before, after)).join("\n        OR ")} THEN${each.join("")}
    END IF;`;
}

function inGroups(columns: readonly Slot[]): Slot[][] {
  const count = Math.ceil(columns.length / groupSize);
  return Array.from({ length: count }, (_, i) => columns.slice(i * groupSize, (i + 1) * groupSize));
}
