import type { Failure } from "#components/ui/action-result.ts";

const titles: Partial<Record<Failure["code"], string>> = {
  unauthenticated: "You are signed out",
  forbidden: "Not allowed",
  reauthentication: "Your password is needed again",
  approval: "A second person must approve",
  invalid: "Something is missing or wrong",
  not_found: "Not found",
  conflict: "It has changed meanwhile",
  stale_plan: "The plan is out of date",
  rate_limited: "Too many attempts",
  unreachable: "No answer",
  timeout: "It took too long",
  unsupported: "Not possible here",
  unrecorded: "Nothing was done",
  unknown_outcome: "The outcome is being checked",
  failed: "It failed",
};

/** A refusal: what happened, why, what next; the reference is part of the message of an unexpected failure. */
export function RefusalNote({ failure }: { failure: Failure }) {
  return (
    <div role="alert" className="rounded border border-critical bg-critical-soft px-3 py-2">
      <p className="font-medium text-critical">
        <span aria-hidden="true">■ </span>
        {titles[failure.code] ?? "It failed"}
      </p>
      <p className="whitespace-pre-line">{failure.message}</p>
      {failure.fix ? <p className="mt-1 whitespace-pre-line text-muted">{failure.fix}</p> : null}
    </div>
  );
}
