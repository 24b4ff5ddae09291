"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { acceptFinding } from "../actions.ts";

interface AcceptFindingProps {
  databaseId: string;
  findingKey: string;
  evidence: string;
  subject: string;
}

export function AcceptFinding({ databaseId, findingKey, evidence, subject }: AcceptFindingProps) {
  return (
    <DialogButton
      label="Accept…"
      small
      title={`Accept this finding at ${subject}`}
      description="It raises no alarm any more while it is exactly as it is now. When a policy, a privilege or what leaks changes, it comes back."
    >
      <ActionForm
        action={acceptFinding}
        submit="Accept finding"
        hidden={{ databaseId, key: findingKey, evidence }}
        doneMessage="Finding accepted"
      >
        <Field label="Why it may stay" name="reason" required>
          <Textarea name="reason" maxLength={1000} />
        </Field>
      </ActionForm>
    </DialogButton>
  );
}
