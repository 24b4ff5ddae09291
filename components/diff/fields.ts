import { arrayChanges } from "./arrays.ts";
import { Effort } from "./effort.ts";
import { equal, isObject } from "./json.ts";

/** One field's change. `undefined` means the field is absent, which is not the same as null or as an empty text. */
export interface FieldChange {
  field: string;
  /** moved: an item of a list that stands elsewhere now, itself unchanged. */
  kind: "created" | "changed" | "deleted" | "moved" | "same";
  before: unknown;
  after: unknown;
  /** Both values are too large to say what differs inside them. */
  tooLarge?: true;
}

// Each level is looked through once more for the one below it.
const depthMax = 32;

type Row = Readonly<Record<string, unknown>>;

/** Every field of either side, in the order of the row before, then those that are new. */
export function fieldChanges(before: Row | null, after: Row | null): FieldChange[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.map((field) => change(field, before?.[field], after?.[field]));
}

function change(field: string, before: unknown, after: unknown): FieldChange {
  if (before === undefined) return { field, kind: "created", before, after };
  if (after === undefined) return { field, kind: "deleted", before, after };
  return { field, kind: equal(before, after) ? "same" : "changed", before, after };
}

/**
 * The changes inside two JSON values, each by its path: "address.city", "tags[2]". Leaves that are equal are left out; what is too large
 * or too deep to be compared in detail is one change.
 */
export function pathChanges(
  before: unknown,
  after: unknown,
  path = "",
  effort: Effort = new Effort(),
  depth = 0,
): FieldChange[] {
  if (equal(before, after)) return [];
  const inside = (one: unknown, other: unknown, name: string) => pathChanges(one, other, name, effort, depth + 1);
  if (Array.isArray(before) && Array.isArray(after)) {
    const changes = depth < depthMax ? arrayChanges(before, after, effort) : null;
    if (changes === null) return [{ ...change(path, before, after), tooLarge: true }];
    return changes.flatMap(({ at, kind, ...values }) => {
      const field = `${path}[${at}]`;
      return kind === "paired" ? inside(values.before, values.after, field) : [{ field, kind, ...values }];
    });
  }
  if (isObject(before) && isObject(after)) {
    if (depth === depthMax) return [{ ...change(path, before, after), tooLarge: true }];
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => inside(before[name], after[name], path ? `${path}.${name}` : name));
  }
  return [change(path, before, after)];
}
