export type JsonValue = null | boolean | number | string | ExactNumber | JsonValue[] | { [key: string]: JsonValue };

declare global {
  // "JSON.parse source text access" of ES2026, which TypeScript does not describe yet.
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** A number that JavaScript would print otherwise, such as 9007199254740993 and 1.10, as PostgreSQL printed it. As JSON it is itself again. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.text);
  }
}

interface Source {
  source?: string;
}

/** Parses JSON without losing a digit. */
export function parseLossless(text: string): JsonValue {
  // The third argument is of the same proposal.
  const revive: (key: string, value: JsonValue, context?: Source) => JsonValue = (_key, value, context) =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source
      ? new ExactNumber(context.source)
      : value;
  return JSON.parse(text, revive);
}

/** A row image's fields; null for no image. */
export function parseRow(text: string | null): Record<string, JsonValue> | null {
  if (text === null) return null;
  const value = parseLossless(text);
  if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof ExactNumber) {
    throw new TypeError("A row image in the audit log is not an object.");
  }
  return value;
}
