"use client";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { Button } from "#components/ui/button.tsx";
import { Field, FieldErrors } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { DangerDialogProps } from "./danger-dialog.tsx";
import { useDanger } from "./use-danger.ts";

/** The inside of the dialog: the subject typed, the reason, then the password or a second person when the act asks for them. */
export function DangerForm<T>(props: DangerDialogProps<T> & { close: () => void }) {
  const { tier, subject, fields = {}, planHash, confirm, close } = props;
  const { step, failure, pending, run, askSecondPerson } = useDanger(props, close);
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const strict = tier === "irreversible";
  const needsReason = strict || props.reasonRequired === true;
  const ready = (!strict || typed.trim() === subject.trim()) && (!needsReason || reason.trim() !== "");

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    run(new FormData(event.currentTarget));
  }

  return (
    <form method="post" onSubmit={send} className="grid gap-4">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {planHash ? <input type="hidden" name="planHash" value={planHash} /> : null}
      <FieldErrors value={failure?.fieldErrors ?? {}}>
        {props.children}
        {strict ? (
          <Field label={<TypeThis text={subject} />} name="typed" required>
            <Input
              name="typed"
              mono
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </Field>
        ) : null}
        {tier === "reversible" ? null : (
          <Field
            label="Reason"
            name="reason"
            hint="Kept in the audit log with this act."
            required={needsReason}
            optional={!needsReason}
          >
            <Textarea
              name="reason"
              rows={2}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </Field>
        )}
        {step === "password" ? (
          <Field
            label="Your password"
            name="password"
            hint="This act needs it again; it then holds for five minutes."
            required
          >
            <Input name="password" type="password" autoComplete="current-password" ref={focus} />
          </Field>
        ) : null}
      </FieldErrors>
      {failure ? <RefusalNote failure={failure} /> : null}
      {step === "proposed" ? <Proposed /> : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={close}>Leave it as it is</Button>
        {step === "approval" ? (
          <Button look="primary" disabled={pending || reason.trim() === ""} onClick={() => askSecondPerson(reason)}>
            Ask for approval
          </Button>
        ) : null}
        <SubmitButton look={strict ? "danger" : "primary"} disabled={!ready} pending={pending}>
          {pending ? <span className="breathes">{confirm}…</span> : confirm}
        </SubmitButton>
      </div>
    </form>
  );
}

function TypeThis({ text }: { text: string }) {
  return (
    <>
      Type <code className="rounded-sm bg-sunken px-1 [overflow-wrap:anywhere]">{text}</code> to confirm
    </>
  );
}

function Proposed() {
  return (
    <p role="status" className="rounded bg-sunken px-3 py-2 text-muted">
      Asked. Another person decides under <Link href="/settings/approvals">Settings, Approvals</Link>; it holds for one
      hour and for this plan only. Then come back and confirm here.
    </p>
  );
}

function focus(input: HTMLInputElement | null) {
  input?.focus();
}
