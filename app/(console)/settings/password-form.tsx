"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { changePassword } from "./actions.ts";

export function PasswordForm() {
  return (
    <ActionForm action={changePassword} submit="Change password" doneMessage="Password changed" className="max-w-sm">
      <Field label="Current password" name="current" required>
        <Input name="current" type="password" autoComplete="current-password" />
      </Field>
      <Field label="New password" name="next" hint="At least 12 characters; several words are best." required>
        <Input name="next" type="password" autoComplete="new-password" minLength={12} maxLength={256} />
      </Field>
    </ActionForm>
  );
}
