/** Every failure that a person can meet, by code. Anything else is a defect and is thrown as it came. */
export type RefusalCode =
  | "unauthenticated" // sign in first
  | "forbidden" // the capability is missing
  | "reauthentication" // the password must be given again first
  | "approval" // a second person must approve first
  | "invalid" // the input does not parse
  | "not_found"
  | "conflict" // the world changed since it was read
  | "stale_plan" // the plan's hash no longer matches
  | "rate_limited"
  | "unreachable" // a server, disk or mail host does not answer
  | "timeout"
  | "too_broad" // the question would read too much: narrow it
  | "unsupported" // version, privilege or tool is missing
  | "unrecorded" // the audit row could not be written, so nothing was done
  | "unknown_outcome"; // the connection died while committing

/** A failure a user can meet: what happened, and what to do next. The message never holds a secret. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly fix: string | undefined;
  readonly fieldErrors: Readonly<Record<string, string>> | undefined;

  constructor(
    code: RefusalCode,
    message: string,
    more: { fix?: string; fieldErrors?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = "Refusal";
    this.code = code;
    this.fix = more.fix;
    this.fieldErrors = more.fieldErrors;
  }
}

/** What actions, handlers and the command line answer: a value, or a refusal in plain data. */
export type Result<T> =
  | { ok: true; data: T }
  | { ok: false; code: RefusalCode | "failed"; message: string; fix?: string; fieldErrors?: Record<string, string> };

export function refusalResult(refusal: Refusal): Result<never> {
  return {
    ok: false,
    code: refusal.code,
    message: refusal.message,
    ...(refusal.fix === undefined ? {} : { fix: refusal.fix }),
    ...(refusal.fieldErrors === undefined ? {} : { fieldErrors: { ...refusal.fieldErrors } }),
  };
}
