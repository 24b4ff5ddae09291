"use client";
import { clsx } from "clsx";
import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useState, useTransition } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { toast } from "#components/feedback/toast.ts";
import { callAction, type Failure, type FormAction } from "./action-result.ts";
import { useCloseDialog } from "./dialog.tsx";
import { FieldErrors } from "./field.tsx";
import { SubmitButton } from "./submit-button.tsx";

interface ActionFormProps<T> {
  action: FormAction<T>;
  /** The verb with its object: "Rename tenant". */
  submit: string;
  look?: "primary" | "secondary" | "danger";
  /** Sent with the inputs. */
  hidden?: Record<string, string>;
  /** Said briefly when it is done. */
  doneMessage?: string;
  onDone?: (data: T) => void;
  redirectTo?: string;
  /** Label, input and button on one line. */
  inline?: boolean;
  className?: string;
  children?: ReactNode;
}

/** A form around one server action: what was typed stays, refusals show where they belong, and the screen is read again when done. */
export function ActionForm<T>(props: ActionFormProps<T>) {
  const { action, submit, look = "primary", hidden = {}, doneMessage, onDone, redirectTo } = props;
  const router = useRouter();
  const closeDialog = useCloseDialog();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [pending, start] = useTransition();

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const input = new FormData(form);
    start(async () => {
      const result = await callAction(action, input);
      if (!result.ok) {
        setFailure(result);
        focusFirstRefused(form, result);
        return;
      }
      setFailure(null);
      if (doneMessage) toast(doneMessage);
      onDone?.(result.data);
      closeDialog();
      if (redirectTo) router.push(redirectTo);
      else router.refresh();
    });
  }

  return (
    <form
      method="post"
      onSubmit={send}
      className={clsx(props.inline ? "flex flex-wrap items-end gap-2" : "grid gap-4", props.className)}
    >
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <FieldErrors value={failure?.fieldErrors ?? {}}>{props.children}</FieldErrors>
      {failure ? <RefusalNote failure={failure} /> : null}
      <div>
        <SubmitButton look={look} pending={pending}>
          {pending ? <span className="breathes">{submit}…</span> : submit}
        </SubmitButton>
      </div>
    </form>
  );
}

function focusFirstRefused(form: HTMLFormElement, failure: Failure) {
  for (const name of Object.keys(failure.fieldErrors ?? {})) {
    const control = form.elements.namedItem(name);
    if (control instanceof HTMLElement) return control.focus();
  }
}
