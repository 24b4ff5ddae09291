export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

interface Source {
  source?: string;
}

/**
 * Parses JSON without losing a digit: a number that JavaScript would print otherwise (9007199254740993, 1.10) becomes the text
 * that PostgreSQL printed.
 */
export function parseLossless(text: string): JsonValue {
  // The third argument is the "JSON.parse source text access" of ES2026, which TypeScript does not describe yet.
  const revive: (key: string, value: JsonValue, context?: Source) => JsonValue = (_key, value, context) =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source
      ? context.source
      : value;
  return JSON.parse(text, revive);
}

/** A row image's fields; null for no image. */
export function parseRow(text: string | null): Record<string, JsonValue> | null {
  if (text === null) return null;
  const value = parseLossless(text);
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError("A row image in the audit log is not an object.");
  }
  return value;
}
