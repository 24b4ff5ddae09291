/** What kind of JSON value it is, for where a field changed its kind. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (isExact(value)) return "number";
  return typeof value === "string" ? "text" : typeof value;
}

/** A number as text, because JavaScript would print another. Parsed JSON has no methods, so that what tells its own JSON is one. */
export function isExact(value: unknown): value is { toString(): string; toJSON(): unknown } {
  return typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isExact(value);
}

/** Equal as JSON, whatever the order of the keys. */
export function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isExact(one) && isExact(other)) return String(one) === String(other);
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => equal(value, other[at]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && equal(one[name], other[name]))
    );
  }
  return false;
}
