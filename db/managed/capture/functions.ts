import { differencesOf } from "./changes.ts";
import { sameKey } from "./columns.ts";
import {
  type CapturedTable,
  type CaptureOptions,
  captureFunction,
  type Entry,
  insertEntries,
  triggerFunction,
} from "./entry.ts";
import { resourceId } from "./key.ts";
import { rowStateInSteps, rowsOf, type Slot, slotNamed, slotsOf, withAbsent } from "./rows.ts";
import { singleRow, singleVariables } from "./single.ts";
import { tenantOf } from "./tenant.ts";

export const now = "clock_timestamp()";

export function insertFunction(table: CapturedTable, { clock = now }: CaptureOptions): string {
  const slots = slotsOf(table);
  const entry: Entry = {
    action: "create",
    from: `${rowsOf(table, slots, "new_rows")} AS n`,
    ...ownership(table, slots, "n"),
    state: rowStateInSteps(table, slots, "n"),
    side: "after",
  };
  return triggerFunction(table, "insert", { body: insertEntries(table, slots, entry, clock) });
}

export function deleteFunction(table: CapturedTable, { clock = now }: CaptureOptions): string {
  const slots = slotsOf(table);
  const entry: Entry = {
    action: "delete",
    from: `${rowsOf(table, slots, "old_rows")} AS o`,
    ...ownership(table, slots, "o"),
    state: rowStateInSteps(table, slots, "o"),
    side: "before",
  };
  return triggerFunction(table, "delete", { body: insertEntries(table, slots, entry, clock) });
}

/**
 * Three ways to pair a row before with its row after:
 * - a statement that updated one row: there is nothing to pair; see capture/single.ts;
 * - by primary key. FULL JOIN, because the planner can never answer it with a nested loop: a plan made for two rows is kept for
 *   the session and must not take quadratic time for a bulk update;
 * - by place, where a key changed or there is none: PostgreSQL fills both transition tables side by side, row for row.
 */
export function updateFunction(table: CapturedTable, { clock = now }: CaptureOptions): string {
  const slots = slotsOf(table);
  const key = keySlots(table, slots);
  const entry: Omit<Entry, "from"> = {
    action: "update",
    ...ownership(table, slots, "o"),
    state: rowStateInSteps(table, slots, "o"),
    side: "before",
    differences: differencesOf(slots),
  };
  const rekeyed = { ...entry, newKey: resourceId(key, "n", maskedNames(slots)) };
  const placed = `${rowsOf(table, slots, "old_rows", true)} AS o\n           FULL JOIN ${rowsOf(table, slots, "new_rows", true)} AS n USING (place)`;
  const write = (what: Entry) => insertEntries(table, slots, what, clock);
  const byPlace = write({ ...rekeyed, from: placed });
  const [first] = key;
  if (!first) return triggerFunction(table, "update", { body: byPlace });
  const matches = key.map((slot) => sameKey(slot, "o", "n")).join(" AND ");
  const paired = `${rowsOf(table, slots, "old_rows")} AS o\n           FULL JOIN ${rowsOf(table, slots, "new_rows")} AS n ON ${matches}`;
  const alone = `         SELECT FROM ${paired}\n          WHERE o.${first.name} IS NULL OR n.${first.name} IS NULL`;
  const body = `
  IF NOT EXISTS (SELECT FROM ${withAbsent(slots, alone)} AS e) THEN
  ${write({ ...entry, from: paired })}
  ELSE
  ${byPlace}
  END IF;`;
  const single = singleRow(table, slots, captureFunction(table, "tenant"));
  return triggerFunction(table, "update", { variables: singleVariables(clock), first: single, body });
}

export function ownership(table: CapturedTable, slots: readonly Slot[], alias: string): Pick<Entry, "tenant" | "key"> {
  return {
    tenant: tenantOf(slots, table.tenant, alias, captureFunction(table, "tenant")),
    key: resourceId(keySlots(table, slots), alias, maskedNames(slots)),
  };
}

function keySlots(table: CapturedTable, slots: readonly Slot[]): Slot[] {
  return table.primaryKey.map((name) => slotNamed(slots, name));
}

function maskedNames(slots: readonly Slot[]): string[] {
  return slots.filter(({ masked }) => masked).map(({ name }) => name);
}
