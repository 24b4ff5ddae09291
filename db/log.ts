import { DrizzleQueryError } from "drizzle-orm/errors";
import type pino from "pino";

const secretNames = [
  "password",
  "current",
  "next",
  "token",
  "secret",
  "credential",
  "authorization",
  "cookie",
  "connectionString",
  "DATABASE_URL",
  "DATABASE_PASSWORD",
  "CARETAKER_KEY",
  "CARETAKER_KEY_PREVIOUS",
];

/** What every log of ours leaves out. */
export const withoutSecrets = {
  redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[redacted]" },
  serializers: { err: plainError },
} satisfies pino.LoggerOptions;

interface PlainError {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: PlainError;
}

/**
 * What may be written about an error. Left out is everything that can hold a value of somebody's row: the parameters
 * that the query builder puts into its message, and PostgreSQL's detail, which quotes keys and rows.
 */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    type: error.name,
    message: scrub(error.message),
    ...(code ? { code } : {}),
    ...(error.stack ? { stack: framesOf(error.stack) } : {}),
    ...(error.cause === undefined ? {} : { cause: plainError(error.cause) }),
  };
}

/** What may be kept and shown of an error: PostgreSQL's own words rather than the query that they came of. */
export function plainMessage(error: unknown): string {
  const { message, cause } = plainError(error);
  return error instanceof DrizzleQueryError && cause ? cause.message : message;
}

function scrub(text: string): string {
  return text
    .replace(/\nparams:[\s\S]*$/, "")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]*@/gi, "$1:[redacted]@")
    .slice(0, 4_000);
}

/** The frames alone: a stack repeats the message that was scrubbed. */
function framesOf(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
