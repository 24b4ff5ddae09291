import { randomUUID } from "node:crypto";
import { Refusal, type RefusalCode, type Result, refusalResult } from "#db/errors.ts";
import { isInterruption } from "#db/jobs/finish.ts";
import { log } from "./log.ts";

type Failure = Extract<Result<never>, { ok: false }>;

/** What a person is told about a failure. What nobody expected is logged in full and told by its reference alone. */
export function failureOf(error: unknown, where: string): Failure {
  const refusal = error instanceof Refusal ? error : expected(error);
  if (refusal) {
    if (refusal.code === "forbidden") log.warn({ where, message: refusal.message }, "refused");
    return refusalResult(refusal) as Failure;
  }
  const reference = randomUUID().slice(0, 8);
  log.error({ err: error, where, reference }, "failed");
  return {
    ok: false,
    code: "failed",
    message: `This did not work, for a reason that we did not foresee. Reference ${reference}.`,
    fix: "Try again; if it stays, give the reference to whoever runs this console: it is in the log.",
  };
}

/** Failures of the control database that a person can meet, by PostgreSQL's or Node's code. */
function expected(error: unknown): Refusal | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? String(cause.code) : "";
    if (code === "57014" || code === "55P03") {
      return new Refusal("timeout", "The database took too long.", { fix: "Try again in a moment.", cause: error });
    }
    if (isInterruption(cause) || code === "ENOTFOUND") {
      return new Refusal("unreachable", "The console's own database does not answer.", {
        fix: "Try again in a minute; nothing was half done.",
        cause: error,
      });
    }
  }
}

const statusByCode: Record<RefusalCode | "failed", number> = {
  unauthenticated: 401,
  forbidden: 403,
  reauthentication: 403,
  approval: 403,
  invalid: 422,
  not_found: 404,
  conflict: 409,
  stale_plan: 409,
  rate_limited: 429,
  unreachable: 502,
  timeout: 504,
  too_broad: 422,
  unsupported: 501,
  unrecorded: 500,
  unknown_outcome: 500,
  failed: 500,
};

export function failureResponse(failure: Failure): Response {
  return Response.json(failure, { status: statusByCode[failure.code], headers: { "cache-control": "no-store" } });
}
