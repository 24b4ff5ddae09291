/** A JSON value in which a number that JavaScript cannot hold is an `ExactNumber`. */
export type JsonValue = null | boolean | number | string | ExactNumber | JsonValue[] | { [key: string]: JsonValue };

/** A number that a double would change (9007199254740993, 1.10), by its digits. Plain data, so it reaches the browser. */
export interface ExactNumber {
  $number: string;
}

interface Source {
  source?: string;
}

/** Parses JSON without losing a digit: what PostgreSQL printed is what is shown. */
export function parseLossless(text: string): JsonValue {
  // The third argument is the "JSON.parse source text access" of ES2026, which TypeScript does not describe yet.
  const revive: (key: string, value: JsonValue, context?: Source) => JsonValue = (_key, value, context) =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source
      ? { $number: context.source }
      : value;
  return JSON.parse(text, revive);
}

/** A row image's fields; none for no image. */
export function parseRow(text: string | null): Record<string, JsonValue> | null {
  if (text === null) return null;
  const value = parseLossless(text);
  if (value === null || typeof value !== "object" || Array.isArray(value) || isExact(value)) {
    throw new TypeError("A row image in the audit log is not an object.");
  }
  return value;
}

export function isExact(value: JsonValue): value is ExactNumber {
  return typeof value === "object" && value !== null && "$number" in value && Object.keys(value).length === 1;
}
