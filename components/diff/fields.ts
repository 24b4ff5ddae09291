import { arrayChanges } from "./arrays.ts";
import { equal, isObject } from "./json.ts";

/** One field's change. `undefined` means the field is absent, which is not the same as null or as an empty text. */
export interface FieldChange {
  field: string;
  /** moved: an item of a list that stands elsewhere now, itself unchanged. */
  kind: "created" | "changed" | "deleted" | "moved" | "same";
  before: unknown;
  after: unknown;
}

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

/** The changes inside two JSON values, each by its path: "address.city", "tags[2]". Leaves that are equal are left out. */
export function pathChanges(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (equal(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    return arrayChanges(before, after).flatMap((one) => {
      const field = `${path}[${one.at}]`;
      if (one.kind === "changed") return pathChanges(one.before, one.after, field);
      return [{ field, kind: one.kind, before: one.before, after: one.after }];
    });
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => pathChanges(before[name], after[name], path ? `${path}.${name}` : name));
  }
  return [change(path, before, after)];
}
