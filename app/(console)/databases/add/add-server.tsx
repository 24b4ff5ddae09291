"use client";
import { useRouter } from "next/navigation";
import { useRef, useState, useTransition } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { callAction, type Failure } from "#components/ui/action-result.ts";
import { Button } from "#components/ui/button.tsx";
import { addServer, testConnection } from "../actions.ts";
import { ConnectionResult, type Report } from "./connection-result.tsx";
import { ServerFields } from "./server-fields.tsx";

/** A server by one pasted URL, or field by field. Testing and adding send the same form. */
export function AddServer() {
  const router = useRouter();
  const [byUrl, setByUrl] = useState(true);
  const [tried, setTried] = useState<Report | Failure | null>(null);
  const [trying, start] = useTransition();
  const inputs = useRef<HTMLDivElement>(null);

  function tryIt() {
    const form = inputs.current?.closest("form");
    if (!form) return;
    start(async () => {
      const result = await callAction(testConnection, new FormData(form));
      setTried(result.ok ? result.data : result);
    });
  }

  return (
    <div className="grid gap-4">
      <ActionForm
        action={addServer}
        submit="Add server"
        doneMessage="The server is added."
        onDone={(server) => router.push(`/databases/add?server=${server.id}`)}
      >
        <div ref={inputs} className="grid gap-4">
          <ServerFields byUrl={byUrl} />
          <div className="flex flex-wrap gap-2">
            <Button onClick={tryIt} disabled={trying} aria-busy={trying}>
              {trying ? "Testing connection…" : "Test connection"}
            </Button>
            <Button look="ghost" onClick={() => setByUrl(!byUrl)}>
              {byUrl ? "Give host, port and user instead" : "Paste a URL instead"}
            </Button>
          </div>
        </div>
      </ActionForm>
      <div aria-live="polite">
        {tried === null ? null : "code" in tried ? (
          <RefusalNote failure={tried} />
        ) : (
          <ConnectionResult report={tried} />
        )}
      </div>
    </div>
  );
}
