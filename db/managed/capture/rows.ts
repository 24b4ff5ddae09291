import { identifier, literal } from "../statement.ts";
import { cappedRow } from "./capped.ts";
import { type Column, isExact, isJson, recordable, sizeOf } from "./columns.ts";
import { type CapturedTable, captureFunction } from "./entry.ts";
import { notLate, withShape } from "./late-columns.ts";
import { sourceColumns } from "./tenant.ts";

// A function takes at most 100 arguments.
const pairsMax = 45;

/** A column under a name that cannot clash: `name` is c1, c2 …; `label` is what the table calls it. */
export interface Slot extends Column {
  label: string;
  masked: boolean;
  ignored: boolean;
}

/** A generated column is in no state and no change: only a row's key and tenant are read from one. */
export function slotsOf(table: CapturedTable): Slot[] {
  const read = new Set([...table.primaryKey, ...sourceColumns(table.tenant)]);
  return table.columns
    .filter((column) => !column.generated || read.has(column.name))
    .map((column, i) => ({
      ...column,
      name: `c${i + 1}`,
      label: column.name,
      masked: table.masked.includes(column.name),
      ignored: column.generated || table.ignored.includes(column.name),
    }));
}

export function slotNamed(slots: readonly Slot[], label: string): Slot {
  const slot = slots.find((candidate) => candidate.label === label);
  if (!slot) throw new TypeError(`The column ${label} is not a column of the table.`);
  return slot;
}

/**
 * Runs `entries` where every column of the table exists, also after somebody dropped or renamed one: names are looked up in the
 * row first, and only what is not there is found in `absent`, as NULL. So an ALTER TABLE never makes the application's writes fail.
 */
export function withAbsent(slots: readonly Slot[], entries: string): string {
  const nulls = slots.map(({ label, type }) => `NULL::${isExact(type) ? type : "text"} AS ${identifier(label)}`);
  return `(SELECT e.*
        FROM (SELECT ${[...nulls, notLate].join(", ")}) AS absent
       CROSS JOIN LATERAL (
${entries}
       ) AS e)`;
}

/**
 * The rows of `source`, a transition table or a table, with their columns as slots, the whole row as `whole`, whether it has columns
 * that came later as `late`, and on request their place.
 */
export function rowsOf(table: CapturedTable, slots: readonly Slot[], source: string, numbered = false): string {
  const row = rowAlias(slots);
  const columns = slots.map(({ name, label }) => `${identifier(label)} AS ${name}`);
  const place = numbered ? ["row_number() OVER () AS place"] : [];
  if (isBuilt(slots)) return `(SELECT ${[...place, ...columns].join(", ")} FROM ${source} AS ${row})`;
  const values = [...place, ...columns, `${row} AS whole`, "shape.late AS late"];
  return `(SELECT ${values.join(", ")} FROM ${source} AS ${row} ${withShape(table, row)})`;
}

/** A name for a whole row that no column of it has. */
export function rowAlias(slots: readonly Slot[], wanted = "captured_row"): string {
  let alias = wanted;
  while (slots.some(({ label }) => label === alias)) alias += "_";
  return alias;
}

/**
 * SQL of a row's state as jsonb; `whole` is the row itself, `alias` what its columns are read from. to_jsonb(row) is the fastest way
 * there (9 µs for 20 columns against 12 for jsonb_build_object, measured) and also holds columns added since; see
 * capture/late-columns.ts. Not so in a table with masked columns, where one that was renamed would show its secret, nor with json
 * columns, which can hold what jsonb cannot.
 */
export function rowState(table: CapturedTable, slots: readonly Slot[], alias: string, whole: string): string {
  if (isBuilt(slots)) {
    return chunks(slots.filter(isStored), pairsMax)
      .map((chunk) => chunk.map((slot) => `${literal(slot.label)}, ${recordable(slot, alias, slot.masked)}`))
      .map((pairs) => `jsonb_build_object(${pairs.join(", ")})`)
      .join(" || ");
  }
  const generated = table.columns.filter((column) => column.generated).map((column) => literal(column.name));
  return `to_jsonb(${whole})${generated.length === 0 ? "" : ` - ARRAY[${generated.join(", ")}]`}`;
}

/** A row's state in two steps, for a query that may yet drop the row: what the inner one hands on, and what the outer makes of it. */
export interface RowState {
  inner: string[];
  outer: string;
}

export function rowStateInSteps(table: CapturedTable, slots: readonly Slot[], alias: string): RowState {
  const built = isBuilt(slots);
  const inner = built
    ? [`${rowState(table, slots, alias, "")} AS state`]
    : [`${alias}.whole AS state`, `${alias}.late AS late`];
  const whole = rowState(table, slots, alias, "e.state");
  const state = built
    ? "e.state"
    : `CASE WHEN e.late THEN ${captureFunction(table, "late")}(${whole}) ELSE ${whole} END`;
  const sizes = slots.filter(isStored).flatMap((slot) => (slot.masked ? [] : (sizeOf(slot, alias) ?? [])));
  if (sizes.length === 0) return { inner, outer: state };
  return { inner: [...inner, `${greatest(sizes)} AS value_bytes`], outer: cappedRow("e.value_bytes", state) };
}

function greatest(sizes: readonly string[]): string {
  const each = chunks(sizes, 90).map((chunk) => `greatest(${chunk.join(", ")})`);
  return each.length === 1 ? each.join("") : `greatest(${each.join(", ")})`;
}

/** Whether a state is put together from the columns that are known, and holds no others. */
export function isBuilt(slots: readonly Slot[]): boolean {
  return slots.filter(isStored).some(({ masked, type }) => masked || isJson(type));
}

function isStored({ generated }: Slot): boolean {
  return !generated;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.max(1, Math.ceil(items.length / size));
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
