/** One field's change. `undefined` means the field is absent, which is not the same as null or as an empty text. */
export interface FieldChange {
  field: string;
  kind: "created" | "changed" | "deleted" | "same";
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
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, at) => pathChanges(before[at], after[at], `${path}[${at}]`)).flat();
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => pathChanges(before[name], after[name], path ? `${path}.${name}` : name));
  }
  return [change(path, before, after)];
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal as JSON, whatever the order of the keys. */
export function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => equal(value, other[at]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => name in other && equal(one[name], other[name]))
    );
  }
  return false;
}
