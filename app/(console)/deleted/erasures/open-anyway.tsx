"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { openToApplication } from "./actions.ts";

export function OpenAnyway({ database, name }: { database: string; name: string }) {
  return (
    <DialogButton
      label="Open all the same…"
      title={`Open ${name} to its application all the same`}
      description="Whoever was erased may be in it again, and the application can read them from then on."
    >
      <ActionForm
        action={openToApplication}
        submit={`Open ${name}`}
        look="danger"
        hidden={{ database, anyway: "true" }}
        doneMessage="Open to its application"
      >
        <Field label="Why it is opened" name="reason" required>
          <Textarea name="reason" maxLength={300} />
        </Field>
      </ActionForm>
    </DialogButton>
  );
}
