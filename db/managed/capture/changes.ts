import { literal } from "../statement.ts";
import { cappedChanges } from "./capped.ts";
import { differs, recordable } from "./columns.ts";
import type { Slot } from "./rows.ts";

// JSON never holds this character unescaped, so it can stand between two JSON objects and be found again.
const between = "E'\\x01'";

/**
 * SQL of what differs between the rows `o` and `n`: a JSON object {column: new value} for each, as text, empty when there is none.
 * An unchanged column costs one comparison, and each column only two functions to set up, which is what single rows wait for.
 */
export function differencesOf(slots: readonly Slot[]): string {
  const parts = slots
    .filter(({ ignored }) => !ignored)
    .map((slot) => {
      const change = `json_build_object(${literal(slot.label)}, ${recordable(slot, "n", slot.masked)})`;
      return `CASE WHEN ${differs(slot, "o", "n")} THEN ${change} END`;
    });
  return parts.length === 0
    ? "''"
    : `array_to_string(ARRAY[\n                  ${parts.join(",\n                  ")}], ${between})`;
}

/** SQL that joins the objects of `differencesOf` into one. */
export function changesOf(differences: string): string {
  return cappedChanges(`octet_length(${differences})`, `replace(${differences}, E'}\\x01{', ',')`);
}
