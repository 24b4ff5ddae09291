"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useState, useTransition } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { toast } from "#components/feedback/toast.ts";
import { callAction, type Failure, type FormAction } from "./action-result.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

interface ActionButtonProps<T> {
  action: FormAction<T>;
  /** Sent to the action. */
  input?: Record<string, string>;
  look?: "primary" | "secondary" | "ghost" | "danger";
  small?: boolean;
  disabled?: boolean;
  doneMessage?: string;
  onDone?: (data: T) => void;
  redirectTo?: string;
  children: ReactNode;
}

/** For reversible acts: does it at once. A refusal opens over the screen, so that the button's place never shifts. */
export function ActionButton<T>(props: ActionButtonProps<T>) {
  const { action, input = {}, doneMessage, onDone, redirectTo, children, disabled, ...look } = props;
  const router = useRouter();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [pending, start] = useTransition();

  function send() {
    const data = new FormData();
    for (const [name, value] of Object.entries(input)) data.set(name, value);
    start(async () => {
      const result = await callAction(action, data);
      if (!result.ok) return setFailure(result);
      if (doneMessage) toast(doneMessage);
      onDone?.(result.data);
      if (redirectTo) router.push(redirectTo);
      else router.refresh();
    });
  }

  return (
    <>
      <Button {...look} disabled={disabled || pending} aria-busy={pending} onClick={send}>
        {pending ? <span className="breathes contents">{children}</span> : children}
      </Button>
      <Dialog open={failure !== null} onClose={() => setFailure(null)} title="This was not done">
        {failure ? <RefusalNote failure={failure} /> : null}
      </Dialog>
    </>
  );
}
