import { literal } from "../statement.ts";
import { differs, recordable } from "./columns.ts";
import { chunks, type Slot } from "./rows.ts";

// A function takes at most 100 arguments.
const partsMax = 90;

/** SQL that is true where anything worth recording differs between the rows `o` and `n`. */
export function anyDifference(slots: readonly Slot[]): string {
  const compared = slots.filter(({ ignored }) => !ignored);
  return compared.length === 0 ? "false" : compared.map((slot) => differs(slot, "o", "n")).join("\n              OR ");
}

/** SQL of what differs as jsonb, {column: new value}. Text is joined and parsed once: an unchanged column costs one comparison. */
export function changeSet(slots: readonly Slot[]): string {
  const parts = slots
    .filter(({ ignored }) => !ignored)
    .map((slot) => {
      const value = `coalesce(to_json(${recordable(slot, "n", slot.masked)})::text, 'null')`;
      const key = literal(`${JSON.stringify(slot.label)}:`);
      return `CASE WHEN ${differs(slot, "o", "n")} THEN ${key} || ${value} END`;
    });
  const lists = chunks(parts, partsMax).map(
    (chunk) => `concat_ws(',',\n                 ${chunk.join(",\n                 ")})`,
  );
  const [only, ...more] = lists;
  const text = more.length === 0 ? only : `concat_ws(',', ${lists.map((list) => `nullif(${list}, '')`).join(", ")})`;
  return `('{' || ${text} || '}')::jsonb`;
}
