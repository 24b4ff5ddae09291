"use client";
import { type FormEvent, useState, useTransition } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { type Failure, notAnswered } from "#components/ui/action-result.ts";
import { Field, FieldErrors } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";

export function SignInForm({ next }: { next: string }) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [pending, start] = useTransition();

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    start(async () => {
      const refused = await signIn(String(form.get("email")), String(form.get("password"))).catch(() => notAnswered);
      setFailure(refused);
      // A whole new page: nothing of what was loaded for nobody is kept.
      if (!refused) window.location.assign(next);
    });
  }

  return (
    <form method="post" onSubmit={send} className="grid gap-4">
      <FieldErrors value={failure?.fieldErrors ?? {}}>
        <Field label="E-mail address" name="email" required>
          <Input name="email" type="email" autoComplete="username" autoFocus spellCheck={false} />
        </Field>
        <Field label="Password" name="password" required>
          <Input name="password" type="password" autoComplete="current-password" />
        </Field>
      </FieldErrors>
      {failure ? <RefusalNote failure={failure} /> : null}
      <SubmitButton look="primary" pending={pending}>
        Sign in
      </SubmitButton>
    </form>
  );
}

/** next-auth's own two requests; null when signed in. */
async function signIn(email: string, password: string): Promise<Failure | null> {
  const csrf: { csrfToken: string } = await (await fetch("/api/auth/csrf")).json();
  const answer = await fetch("/api/auth/callback/credentials", {
    method: "POST",
    body: new URLSearchParams({ ...csrf, email, password, json: "true" }),
  });
  const result: { ok: true } | Failure = await answer.json();
  if (result.ok) return null;
  // "You are signed out" is what the code says elsewhere; nobody who signs in needs to be told.
  return result.code === "unauthenticated" ? { ...result, code: "invalid" } : result;
}
