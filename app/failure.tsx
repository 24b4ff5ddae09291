"use client";
import { type ReactNode, useEffect, useState } from "react";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Button } from "#components/ui/button.tsx";

export interface FailureProps {
  error: unknown;
  /** Reads and draws it again. */
  retry: () => void;
}

type Away = "database" | "console" | "nothing";

const words: Record<Away, [title: string, advice: string]> = {
  database: ["The console's own database does not answer", "It may be restarting: try again in a minute."],
  console: [
    "The console does not answer",
    "It may be restarting, or this machine has no network: try again in a minute.",
  ],
  nothing: ["It failed while it was read", "Try again."],
};

/** What failed, as far as the console itself can tell, with the reference of what it logged and a way to try again. */
export function Failure({ error, retry, action }: FailureProps & { action?: ReactNode }) {
  const [away, setAway] = useState<Away>("nothing");
  useEffect(() => void whatIsAway().then(setAway), []);
  const [title, advice] = words[away];
  const reference = referenceOf(error);
  return (
    <FailedState
      title={title}
      action={
        <>
          <Button look="primary" onClick={retry}>
            Try again
          </Button>
          {action}
        </>
      }
    >
      Nothing was changed by this. {advice}
      {reference ? (
        <>
          {" "}
          If it stays, give the reference <code>{reference}</code> to whoever runs the console: it is in the log.
        </>
      ) : null}
    </FailedState>
  );
}

async function whatIsAway(): Promise<Away> {
  try {
    return (await fetch("/api/health")).ok ? "nothing" : "database";
  } catch {
    return "console";
  }
}

/** Next gives what failed on the server a digest, which it logs beside it, and hides its message. */
function referenceOf(error: unknown): string | null {
  return error instanceof Error && "digest" in error && typeof error.digest === "string" ? error.digest : null;
}
