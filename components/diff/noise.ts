import type { FieldChange } from "./fields.ts";

/** Columns that change with every write, and so say nothing about what a person did. */
const bookkeeping =
  /^(updated|modified|changed|last_modified|last_updated|touched)_(at|on|by)$|^(lock_)?version$|^xmin$|^row_version$/;

/** Parts what was meant from what changes by itself. Where nothing else changed, the bookkeeping is what there is to see. */
export function withoutNoise(
  changes: readonly FieldChange[],
  noise: readonly string[],
): { meant: FieldChange[]; noise: FieldChange[] } {
  const isNoise = ({ field, kind }: FieldChange) =>
    kind === "changed" && (noise.includes(field) || bookkeeping.test(field));
  const meant = changes.filter((one) => !isNoise(one));
  if (meant.length === 0) return { meant: [...changes], noise: [] };
  return { meant, noise: changes.filter(isNoise) };
}
