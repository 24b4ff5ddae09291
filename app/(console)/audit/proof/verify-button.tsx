"use client";
import { useRouter } from "next/navigation";
import { ActionButton } from "#components/ui/action-button.tsx";
import { startVerification } from "./actions.ts";

/** Compares the whole log with its tree, as a job with a screen of its own. */
export function VerifyButton({ databaseId, name }: { databaseId: string; name: string }) {
  const router = useRouter();
  return (
    <ActionButton
      action={startVerification}
      input={{ databaseId }}
      small
      onDone={({ jobId }: { jobId: string }) => router.push(`/jobs/${jobId}`)}
    >
      Verify the log of {name}
    </ActionButton>
  );
}
