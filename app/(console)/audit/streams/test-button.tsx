"use client";
import { useState } from "react";
import { Status } from "#components/feedback/status.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import type { StreamTest } from "#db/audit/stream/contract.ts";
import { testStream } from "./actions.ts";

/** Sends one marked event to the receiver and shows what it answered. */
export function TestButton({ id }: { id: string }) {
  const [test, setTest] = useState<StreamTest | null>(null);
  return (
    <>
      <ActionButton action={testStream} input={{ id }} onDone={setTest}>
        Send a test event
      </ActionButton>
      <Dialog
        open={test !== null}
        onClose={() => setTest(null)}
        title={test?.delivered ? "The test event arrived" : "The test event did not arrive"}
        description="It says of itself that it is a test. How far the stream has got is as before."
      >
        {test ? <Answer test={test} /> : null}
      </Dialog>
    </>
  );
}

function Answer({ test: { delivered, answer, fix, tookMs } }: { test: StreamTest }) {
  return (
    <div role="status" className="[overflow-wrap:anywhere]">
      <Status kind={delivered ? "good" : "critical"}>
        {delivered ? "delivered" : "not delivered"} in {tookMs} ms
      </Status>
      <p>{answer}</p>
      {fix ? <p className="mt-1 text-muted">{fix}</p> : null}
    </div>
  );
}
