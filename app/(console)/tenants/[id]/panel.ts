import { Refusal } from "#db/errors.ts";

/** A panel that cannot be read says why and leaves the rest of the screen standing; a defect is still thrown. */
export function failureOf(error: unknown): string {
  if (error instanceof Refusal) return [error.message, error.fix].filter(Boolean).join(" ");
  throw error;
}
