"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { join } from "./actions.ts";

interface JoinFormProps {
  token: string;
  /** Null on the setup link, which names nobody. */
  email: string | null;
  /** Whether the address has an account, which gets a new password. */
  known: boolean;
}

export function JoinForm({ token, email, known }: JoinFormProps) {
  return (
    <ActionForm
      action={join}
      submit={known ? "Set password" : "Create account"}
      hidden={{ token }}
      redirectTo="/sign-in"
    >
      <Field label="E-mail address" name="email" required>
        <Input
          name="email"
          type="email"
          autoComplete="username"
          spellCheck={false}
          defaultValue={email ?? ""}
          readOnly={email !== null}
        />
      </Field>
      {known ? null : (
        <Field label="Your name" name="name" hint="As colleagues and the audit log show it." required>
          <Input name="name" autoComplete="name" maxLength={100} />
        </Field>
      )}
      <Field
        label={known ? "New password" : "Password"}
        name="password"
        hint="At least 12 characters; several words are best."
        required
      >
        <Input name="password" type="password" autoComplete="new-password" minLength={12} maxLength={256} />
      </Field>
    </ActionForm>
  );
}
